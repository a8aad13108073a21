// What stands in the middle of the page: a shelf, a product, the cart. Each function gives a fresh element.

import { drawing } from './drawings.js';

/** An element from HTML of our own making; `\${}` values pass through `text` unless they are ours. */
function element(html) {
  const template = document.createElement('template');
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

const text = (value) => String(value).replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
const euro = (value) => `€${value}`;
const TITLES = {
  '': 'Good gear for short trips',
  tents: 'Tents',
  packs: 'Packs',
  stoves: 'Stoves',
  lights: 'Lights',
};
const FACTS = {
  sleeps: (value) => `Sleeps ${value}`,
  seasons: (value) => `${value} seasons`,
  litres: (value) => `${value} litres`,
  fuel: (value) => `Burns ${value}`,
  lumens: (value) => `${value} lumens`,
};

const weight = (grams) => (grams < 1000 ? `${grams} g` : `${grams / 1000} kg`);
const facts = (product) => [
  ...Object.entries(product.facts).map(([name, value]) => FACTS[name](value)),
  weight(product.weight_g),
];

function card(product) {
  return `<a class="card" href="/${product.kind}/${product.sku}" data-testid="product-card" data-sku="${product.sku}">
    <span class="picture">${drawing(product)}</span>
    <span class="line"><b>${text(product.name)}</b><span>${euro(product.price_eur)}</span></span>
    <span class="small">${facts(product).map(text).join(' · ')}</span>
  </a>`;
}

export function shelfView(shelf, products) {
  const shown = shelf ? products : products.filter((_, index) => index % 3 !== 2).slice(0, 12);
  return element(`<section>
    <h1>${TITLES[shelf]}</h1>
    <div class="shelf">${shown.map(card).join('')}</div>
  </section>`);
}

export function productView(product) {
  return element(`<section class="product" data-testid="product">
    <span class="picture large">${drawing(product)}</span>
    <div>
      <a class="small" href="/${product.kind}">← ${TITLES[product.kind]}</a>
      <h1>${text(product.name)}</h1>
      <p class="lead">${text(product.summary)}</p>
      <ul class="facts">${facts(product)
        .map((fact) => `<li>${text(fact)}</li>`)
        .join('')}</ul>
      <p>${text(product.details)}</p>
      <p class="buy"><b>${euro(product.price_eur)}</b>
        <button type="button" class="strong" data-sku="${product.sku}" data-testid="add-to-cart">Add to cart</button></p>
    </div>
  </section>`);
}

export function cartView(products, cart) {
  const rows = products.filter((product) => cart.has(product.sku));
  const total = rows.reduce((sum, product) => sum + product.price_eur * cart.get(product.sku), 0);
  const lines = rows.map(
    (product) => `<li data-testid="cart-line">
      <span class="picture tiny">${drawing(product)}</span>
      <a class="name" href="/${product.kind}/${product.sku}">${text(product.name)}</a>
      <span class="small">${cart.get(product.sku)} × ${euro(product.price_eur)}</span>
      <button type="button" class="link" data-sku="${product.sku}" data-remove="1">Remove</button>
    </li>`,
  );
  return element(`<section>
    <h1>Cart</h1>
    ${lines.length ? `<ul class="lines">${lines.join('')}</ul><p class="total"><span>Total</span> <b>${euro(total)}</b></p>` : ''}
    <p class="note">${lines.length ? 'This is as far as the demo goes: there is no check-out.' : 'Nothing in it yet.'}</p>
  </section>`);
}

export function missingView() {
  return element(`<section><h1>Not on our shelves</h1><p><a href="/">Back to the shop</a></p></section>`);
}
