// The shop: which view is shown, the cart, the sign-in dialog and the footer. No build, no framework.

import { startChat } from './chat.js';
import { cartView, missingView, productView, shelfView } from './views.js';

const view = document.querySelector('#view');
const products = await loadCatalogue();
const cart = readCart();

/** The path as the shop reads it: `/`, `/tents`, `/tents/ridge-4`, `/cart`. */
function place() {
  const [shelf = '', sku = ''] = location.pathname.split('/').filter(Boolean);
  return { shelf, sku };
}

function show() {
  const { shelf, sku } = place();
  const product = products.find((each) => each.sku === sku && each.kind === shelf);
  const shelved = products.filter((each) => !shelf || each.kind === shelf);
  if (product) view.replaceChildren(productView(product));
  else if (shelf === 'cart') view.replaceChildren(cartView(products, cart));
  else if (sku || !shelved.length) view.replaceChildren(missingView());
  else view.replaceChildren(shelfView(shelf, shelved));
  document.title = `${product?.name ?? (shelf ? shelf[0].toUpperCase() + shelf.slice(1) : 'Outdoor gear')} – Concierge`;
  for (const link of document.querySelectorAll('.bar nav a')) {
    link.toggleAttribute('aria-current', link.pathname === `/${shelf}`);
  }
}

function go(url) {
  history.pushState(null, '', url);
  show();
  scrollTo(0, 0);
}

addEventListener('popstate', show);
document.addEventListener('click', (event) => {
  const link = event.target.closest("a[href^='/']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.getAttribute('href'));
});

// The cart ------------------------------------------------------------------------------------------------------

function readCart() {
  return new Map(JSON.parse(localStorage.getItem('cart') ?? '[]'));
}

function changeCart(sku, by) {
  const count = (cart.get(sku) ?? 0) + by;
  if (count > 0) cart.set(sku, count);
  else cart.delete(sku);
  localStorage.setItem('cart', JSON.stringify([...cart]));
  showCartCount();
}

function showCartCount() {
  document.querySelector('#cart-count').textContent = [...cart.values()].reduce(
    (sum, count) => sum + count,
    0,
  );
}

view.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-sku]');
  if (!button) return;
  changeCart(button.dataset.sku, button.dataset.remove ? -1 : 1);
  if (place().shelf === 'cart') show();
});

// Signing in: the SDK is told who the person is, here and on the next visit --------------------------------------

const signIn = document.querySelector('#sign-in');
const signInOpen = document.querySelector('#sign-in-open');

/** `ana.silva@example.com` is Ana Silva to us; members of the Trail Club carry it in their address: `ana+club@…`. */
function greet(email) {
  const [person, plan = 'guest'] = email.split('@')[0].split('+');
  const name = person.replace(/(^|[._-])(.)/g, (_, gap, letter) => (gap && ' ') + letter.toUpperCase());
  window.diptych?.setUser?.({ id: email, email, name, plan });
  signInOpen.textContent = name;
}

signInOpen.addEventListener('click', () => signIn.showModal());
document.querySelector('#sign-in-cancel').addEventListener('click', () => signIn.close());
signIn.addEventListener('submit', () => {
  const email = document.querySelector('#sign-in-email').value;
  localStorage.setItem('email', email);
  document.querySelector('#sign-in-password').value = '';
  greet(email);
});

// The footer ------------------------------------------------------------------------------------------------------

document.querySelector('#newsletter').addEventListener('submit', (event) => {
  event.preventDefault();
  document.querySelector('#newsletter-thanks').textContent =
    'Thank you. (In a real shop you would hear from us.)';
});

document.querySelector('#break-something').addEventListener('click', () => {
  throw new Error('Demo error: somebody clicked “Break something”');
});

async function loadCatalogue() {
  const response = await fetch('/api/catalogue');
  return (await response.json()).products;
}

showCartCount();
if (localStorage.getItem('email')) greet(localStorage.getItem('email'));
show();
startChat({ viewing: () => place().sku || null, products });
