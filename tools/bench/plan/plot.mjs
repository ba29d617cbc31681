// A plot with two logarithmic axes, as SVG: how something grows with the number of images.

const [WIDTH, HEIGHT] = [760, 460]
const FRAME = { left: 74, right: 190, top: 24, bottom: 52 }
const INK = '#57606a'

/** `series` are `{ name, colour, points: [[x, y], ...] }`; the answer is the text of an SVG file. */
export function plot({ title, x: xTitle, y: yTitle, series }) {
  const points = series.flatMap((one) => one.points)
  const horizontal = scale(points.map(([x]) => x), FRAME.left, WIDTH - FRAME.right)
  const vertical = scale(points.map(([, y]) => y), HEIGHT - FRAME.bottom, FRAME.top)
  const place = ([x, y]) => `${round(horizontal.at(x))},${round(vertical.at(y))}`
  const parts = [
    ...horizontal.decades.map((decade) => line(horizontal.at(decade), FRAME.top, horizontal.at(decade), HEIGHT - FRAME.bottom)),
    ...vertical.decades.map((decade) => line(FRAME.left, vertical.at(decade), WIDTH - FRAME.right, vertical.at(decade))),
    ...horizontal.decades.map((decade) => label(horizontal.at(decade), HEIGHT - FRAME.bottom + 20, amount(decade), 'middle')),
    ...vertical.decades.map((decade) => label(FRAME.left - 8, vertical.at(decade) + 4, amount(decade), 'end')),
    label((FRAME.left + WIDTH - FRAME.right) / 2, HEIGHT - 10, xTitle, 'middle'),
    `<text transform="translate(16 ${(FRAME.top + HEIGHT - FRAME.bottom) / 2}) rotate(-90)" text-anchor="middle">${escape(yTitle)}</text>`,
    ...series.map(({ colour, points }) => `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.map(place).join(' ')}"/>`),
    ...series.flatMap(({ colour, points }) => points.map((point) => `<circle cx="${place(point).replace(',', '" cy="')}" r="3" fill="${colour}"/>`)),
    ...names(series, vertical),
  ]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="system-ui, sans-serif" font-size="12" fill="${INK}">`,
    `<title>${escape(title)}</title>`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    ...parts,
    '</svg>\n',
  ].join('\n')
}

/** From the decade below the smallest to the one above the largest. */
function scale(values, from, to) {
  const [low, high] = [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))]
  const decades = Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step))
  return { decades, at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from) }
}

/** Each beside its last point, never on top of another. */
function names(series, vertical) {
  const last = series.map(({ name, colour, points }) => ({ name, colour, at: vertical.at(points.at(-1)[1]) + 4 }))
  last.sort((one, two) => one.at - two.at)
  last.forEach((one, place) => (one.at = Math.max(one.at, place > 0 ? last[place - 1].at + 15 : 0)))
  return last.map(({ name, colour, at }) => `<text x="${WIDTH - FRAME.right + 10}" y="${round(at)}" fill="${colour}">${escape(name)}</text>`)
}

const line = (x1, y1, x2, y2) => `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="#d0d7de"/>`
const label = (x, y, text, anchor) => `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escape(text)}</text>`
const round = (value) => Math.round(value * 10) / 10
const amount = (value) => (value >= 1 ? value.toLocaleString('en') : String(value))
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
