function make(tag, className, text) {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  return element
}

function icon(name) {
  const element = make("span", "icon", name)
  element.setAttribute("aria-hidden", "true")
  return element
}

// The groups with their colours; a click on one puts it before all others.
class Legend {
  constructor(place, onLight) {
    this.place = place
    this.onLight = onLight
  }

  draw(rule, counts, lit) {
    const order = rule.order ?? rule.groups.map((_, at) => at)
    const entries = rule.entries ?? order.map((at) => ({ ...rule.groups[at], at, n: counts[at] }))
    this.place.classList.toggle("narrowed", lit !== null)
    this.place.replaceChildren(...entries.filter(({ n }) => n !== 0).map((entry) => this.entry(entry, lit)))
  }

  entry({ title, icon: name, color, alpha = 1, isMany, at, n }, lit) {
    const element = make(at === undefined ? "div" : "button", at === undefined ? "entry" : "")
    if (color) element.style.setProperty("--mark", css(color))
    element.style.setProperty("--share", Math.min(1, 2 * alpha))
    element.append(name ? icon(name) : make("span", isMany ? "dot many" : "dot"), make("span", "words", title))
    if (at === undefined) return element
    element.type = "button"
    element.append(make("span", "n", n.toLocaleString("en")))
    element.setAttribute("aria-pressed", String(lit === at))
    element.onclick = () => {
      this.onLight(lit === at ? null : at)
      const again = [...this.place.querySelectorAll("button")].find((one) => one.textContent === element.textContent)
      again?.focus()
    }
    return element
  }
}

const COARSE = 32

// The names of classes, each where most of its clips lie.
class Labels {
  constructor(place) {
    this.place = place
    this.labels = []
  }

  draw(clips, classes) {
    const places = classes.map((_, at) => densest(clips, at))
    this.labels = classes.flatMap((style, at) => (places[at] ? [this.label(style, at, places[at])] : []))
    this.labels.sort((one, other) => other.n - one.n)
    this.place.replaceChildren(...this.labels.map(({ element }) => element))
  }

  clear() {
    this.labels = []
    this.place.replaceChildren()
  }

  label({ title, icon: name, color }, group, { x, y, n }) {
    const element = make("div")
    element.style.setProperty("--mark", color)
    element.append(icon(name), make("span", "words", title))
    return { element, group, x, y, n }
  }

  // Beside one another where they would cover each other; without words where that is of no use.
  follow(plane, lit) {
    const isSmall = plane.width < 560 || this.labels.length > 16
    const taken = []
    for (const { element, group, x, y } of this.labels) {
      element.classList.toggle("bare", isSmall)
      element.classList.toggle("faded", lit !== null && lit !== group)
      const [left, top] = plane.toScreen(x, y)
      const width = isSmall ? 26 : element.offsetWidth || 120
      const spot = freeSpot(left - width / 2, top - 13, width, taken)
      const isIn = left > 0 && top > 0 && left < plane.width && top < plane.height && spot
      element.classList.toggle("gone", !isIn)
      if (!isIn) continue
      taken.push(spot)
      const inside = Math.min(Math.max(4, spot.left), plane.width - width - 4)
      element.style.transform = `translate(${Math.round(inside)}px, ${Math.round(spot.top)}px)`
    }
  }
}

function freeSpot(left, top, width, taken) {
  for (const down of [0, -26, 26, -52, 52]) {
    const spot = { left, top: top + down, right: left + width, bottom: top + down + 26 }
    const isFree = taken.every(
      (other) => spot.right < other.left || spot.left > other.right || spot.bottom < other.top || spot.top > other.bottom,
    )
    if (isFree) return spot
  }
  return null
}

// The middle of a class's clips in the square of 3 by 3 cells that holds most of them.
function densest(clips, group) {
  const shift = 16 - Math.log2(COARSE)
  const counts = new Uint32Array((COARSE + 2) ** 2)
  const cellOf = (at) => ((clips.y(at) >> shift) + 1) * (COARSE + 2) + (clips.x(at) >> shift) + 1
  let n = 0
  for (let at = 0; at < clips.n; at++) {
    if (clips.classes[at] !== group) continue
    counts[cellOf(at)]++
    n++
  }
  if (!n) return null
  const around = [-1, 0, 1].flatMap((row) => [-1, 0, 1].map((column) => row * (COARSE + 2) + column))
  let [best, most] = [0, -1]
  for (let row = 1; row <= COARSE; row++) {
    for (let column = 1; column <= COARSE; column++) {
      const cell = row * (COARSE + 2) + column
      const sum = around.reduce((total, step) => total + counts[cell + step], 0)
      if (sum > most) [most, best] = [sum, cell]
    }
  }
  const near = new Set(around.map((step) => best + step))
  let [x, y] = [0, 0]
  for (let at = 0; at < clips.n; at++) {
    if (clips.classes[at] !== group || !near.has(cellOf(at))) continue
    x += clips.x(at) / most
    y += clips.y(at) / most
  }
  return { x, y, n }
}
