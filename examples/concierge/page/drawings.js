// The pictures: line drawings in two warm greys, one for each shape in the catalogue.

const DRAWINGS = {
  dome: `<path class="fill" d="M22 118C40 62 68 40 100 40s60 22 78 78z"/><path d="M100 40c-12 24-18 50-20 78m20-78c12 24 18 50 20 78"/><path class="dark" d="M84 118c2-26 8-44 16-56 8 12 14 30 16 56z"/>`,
  cabin: `<path class="fill" d="M30 118 40 58l60-26 60 26 10 60z"/><path d="M40 58h120M76 118V58m48 60V58"/><path class="dark" d="M82 118V72q18-10 36 0v46z"/>`,
  pyramid: `<path class="fill" d="m100 28 56 90H44z"/><path d="M100 20v98"/><path class="dark" d="m100 62 18 56H82z"/>`,
  tunnel: `<path class="fill" d="M24 118V86c0-28 22-44 44-44h92c14 22 20 48 20 76z"/><path d="M68 42c18 18 24 46 24 76m30-76c14 20 18 48 18 76"/><path class="dark" d="M34 118V92c0-16 8-24 18-24s18 8 18 24v26z"/>`,
  day: `<path class="fill" d="M66 118q-8-40 0-66 6-20 34-20t34 20q8 26 0 66z"/><path d="M84 32q0-12 16-12t16 12M70 62q30 10 60 0"/><path class="dark" d="M78 82h44v26H78z"/>`,
  trek: `<path class="fill" d="M68 122V44q0-14 32-14t32 14v78z"/><path class="dark" d="M64 44q0-22 36-22t36 22v8H64z"/><path d="M82 52v14m36-14v14M68 96h64M60 72v34m80-34v34"/>`,
  roll: `<path class="fill" d="M72 122q-10-44 0-80h56q10 36 0 80z"/><path class="dark" d="M72 42q-6-8 0-14h56q6 6 0 14z"/><path d="M68 62h64M90 28v34m20-34v34M84 76l32 16-32 16m32-32L84 92l32 16"/>`,
  burner: `<path class="fill" d="M76 74h48q8 4 8 14v22q0 10-32 10t-32-10V88q0-10 8-14z"/><path d="M100 74V52m-24-16 14 16h20l14-16M88 52h24"/><path class="dark" d="M94 58h12v16H94z"/>`,
  flat: `<path class="fill" d="M26 84h148v30H26z"/><path d="M46 72h44m20 0h44M34 114v8m132-8v8"/><path class="dark" d="M50 76h36v8H50zm64 0h36v8h-36z"/><circle cx="68" cy="100" r="5"/><circle cx="132" cy="100" r="5"/>`,
  pot: `<path class="fill" d="M72 30h52v58H72z"/><path d="M124 44h14q6 0 6 8v18q0 6-6 6h-14M66 30h64"/><path class="dark" d="M78 92h40v10H78z"/><path d="M84 102v18h28v-18"/>`,
  bottle: `<path class="fill" d="M120 56h26q6 8 6 18v46h-38V74q0-10 6-18z"/><path d="M126 56V42h14v14M114 90q-22-2-30 14M44 120l8-16h30l8 16"/><path class="dark" d="M54 90h26v14H54z"/>`,
  wood: `<path class="fill" d="M70 54h60l-6 66H76z"/><path d="M64 54h72M84 72h32M82 90h36"/><path class="dark" d="M92 120v-20h16v20z"/><path d="M100 46q-12-10 0-24 12 14 0 24z"/>`,
  grill: `<path class="fill" d="M42 60q0-30 58-30t58 30v8H42z"/><path class="dark" d="M42 72h116v20H42z"/><path d="m56 92-10 30m98-30 10 30M88 30h24"/>`,
  headlamp: `<path d="M48 84q0-48 52-48t52 48"/><path d="M48 84q0 24 52 24t52-24"/><path class="fill" d="M76 82h48v34H76z"/><circle class="dark" cx="100" cy="99" r="11"/>`,
  lantern: `<path class="fill" d="M76 50h48v52H76z"/><path class="dark" d="M70 102h60v16H70zm6-62h48v10H76z"/><path d="M84 40q0-20 16-20t16 20M92 62v28m16-28v28"/>`,
  string: `<path d="M20 46q40 44 80 20t80 10"/><circle class="fill" cx="46" cy="76" r="9"/><circle class="fill" cx="82" cy="84" r="9"/><circle class="fill" cx="118" cy="72" r="9"/><circle class="fill" cx="154" cy="82" r="9"/>`,
  torch: `<path class="fill" d="M36 66h86v26H36z"/><path class="dark" d="m122 66 24-12v50l-24-12z"/><path d="M158 62l16-8m-16 25h20m-20 17 16 8M60 66v26"/>`,
};

const GROUND = { x: 100, y: 120 };

/** The SVG of a product, as text: its shape, a little smaller for a smaller tent or pack. */
export function drawing({ shape, facts }) {
  const scale = facts.sleeps ? 0.76 + facts.sleeps * 0.06 : facts.litres ? 0.84 + facts.litres / 300 : 1;
  const { x, y } = GROUND;
  const sized = `translate(${x} ${y}) scale(${scale.toFixed(2)}) translate(${-x} ${-y})`;
  return `<svg class="drawing" viewBox="0 0 200 150" aria-hidden="true"><g transform="${sized}">${DRAWINGS[shape]}</g></svg>`;
}
