const MOST_CORNERS = 250

const fetched = new Map()

function fetchBytes(address) {
  if (!fetched.has(address)) {
    if (fetched.size > 6) fetched.delete(fetched.keys().next().value)
    const asked = fetch(address).then((answer) => {
      if (!answer.ok) throw new Error(`${answer.status}`)
      return answer.arrayBuffer()
    })
    asked.catch(() => fetched.delete(address))
    fetched.set(address, asked)
  }
  return fetched.get(address)
}

class SoundMap {
  constructor(root) {
    this.root = root
    const find = (name) => root.querySelector(name)
    this.element = find(".map")
    this.over = find(".over")
    this.tip = new Tip(find(".tip"), this)
    this.hint = find(".hint")
    this.said = find(".said")
    this.overlay = new Overlay(this.over, this)
    this.dots = new Dots(find(".dots"))
    this.plane = new Plane()
    this.labels = new Labels(find(".labels"))
    this.legend = new Legend(find(".legend"), (at) => this.light(at))
    this.hand = new Hand(this.over, this)
    this.pointed = this.cursor = this.chosen = -1
    this.lit = this.mask = this.polygon = this.line = null
    this.prepareSound()
    this.listen(find)
  }

  prepareSound() {
    this.audio = document.body.appendChild(make("audio"))
    this.audio.className = "urbansound-map"
    for (const name of ["play", "pause", "ended"]) this.audio.addEventListener(name, () => this.followSound())
    this.audio.addEventListener("error", () => this.audio.getAttribute("src") && this.say("This clip cannot be played."))
  }

  listen(find) {
    const press = (name, act) => (find(name).onclick = act)
    press(".in", () => this.zoom(1.6))
    press(".out", () => this.zoom(1 / 1.6))
    press(".whole", () => this.showWhole())
    press(".lasso", () => this.toggleLasso())
    this.lassoButton = find(".lasso")
    this.sizes = new ResizeObserver(() => this.resize())
    this.sizes.observe(this.over)
    this.element.addEventListener("transitionend", (event) => event.propertyName === "background-color" && this.repaint())
    document.fonts?.load('16px "Material Symbols Rounded"').then(() => this.redraw(), () => {})
  }

  async update({ data, setTriggerValue }) {
    this.setTriggerValue = setTriggerValue
    this.data = data
    const asked = JSON.stringify([data.layout.address, data.answers])
    const isNew = asked !== this.asked
    this.asked = asked
    if (isNew && !(await this.fetch(data, asked))) return
    if (!this.clips || this.isClosed) return
    this.takeState()
    this.repaint()
  }

  async fetch(data, asked) {
    try {
      const [body, answers] = await Promise.all([
        fetchBytes(data.layout.address),
        data.answers ? fetchBytes(data.answers.address) : null,
      ])
      if (this.asked !== asked) return false
      this.answers = answers && unpackAnswers(answers, data.layout.n)
      this.takeClips(body, data.layout)
      return true
    } catch {
      if (this.asked === asked) this.asked = null
      this.say("The map could not be loaded. Reload the page.")
      return false
    }
  }

  takeClips(body, { address, n }) {
    if (this.address === address) return
    const seen = this.clips ? [this.clips.numbers[this.cursor]] : []
    this.address = address
    this.clips = new Clips(body, n)
    this.plane.frame(this.clips.bounds)
    this.pointed = -1
    this.cursor = seen.length ? this.clips.indexOf(seen[0]) : -1
    this.polygon = this.mask = null
    this.element.classList.remove("loading")
  }

  // What the page knows: the clip that was chosen, and what was drawn around.
  takeState() {
    const { data } = this
    this.chosen = data.chosen === null ? -1 : this.clips.indexOf(data.chosen)
    if (this.cursor < 0) this.cursor = this.chosen
    if (JSON.stringify(data.lasso) !== JSON.stringify(this.polygon)) {
      this.polygon = data.lasso
      this.mask = data.lasso && this.clips.inside(data.lasso)
    }
    const how = `Arrow keys go from clip to clip${data.sound ? ", Enter plays" : ""}, plus and minus zoom.`
    this.over.setAttribute("aria-label", `Map of ${this.clips.n.toLocaleString("en")} clips. ${how}`)
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.over
    if (!width || !height) return
    const ratio = Math.min(3, window.devicePixelRatio || 1)
    this.plane.resize(width, height)
    this.dots.resize(width, height, ratio)
    this.over.width = Math.round(width * ratio)
    this.over.height = Math.round(height * ratio)
    this.ratio = ratio
    this.redraw()
  }

  // Colours anew: of another rule, theme, selection or group put before the others.
  repaint() {
    if (!this.clips) return
    const look = getComputedStyle(this.element)
    this.background = colorOf(look.getPropertyValue("--st-background-color"))
    this.text = look.getPropertyValue("--st-text-color")
    const isDark = this.background[0] + this.background[1] + this.background[2] < 384
    this.element.style.setProperty("--wrong", css(WRONG[isDark ? "dark" : "light"]))
    if (this.rule?.name !== this.data.color_by) this.lit = null
    this.rule = RULES[this.data.color_by](this.clips, this.data, isDark ? "dark" : "light", this.answers)
    this.rule.name = this.data.color_by
    this.groups = Uint16Array.from({ length: this.clips.n }, (_, at) => this.rule.groupOf(at))
    this.drawLegend()
    if (["class", "answers"].includes(this.data.color_by)) this.labels.draw(this.clips, this.data.classes)
    else this.labels.clear()
    this.recode()
  }

  drawLegend() {
    const counts = new Array(this.rule.groups.length).fill(0)
    for (const group of this.groups) counts[group]++
    this.legend.draw(this.rule, counts, this.lit)
  }

  recode() {
    const isFaded = (at) => (this.lit !== null && this.groups[at] !== this.lit) || (this.mask && !this.mask[at])
    const codes = Uint16Array.from(this.groups, (group, at) => 2 * group + (isFaded(at) ? 1 : 0))
    this.dots.take(paintsOf(this.rule), codes)
    this.redraw()
  }

  light(group) {
    this.lit = group
    this.drawLegend()
    this.recode()
    const name = group === null ? "All clips" : `Only ${this.rule.groups[group].title}`
    this.say(`${name} in colour`)
  }

  redraw() {
    if (this.awaited || !this.clips || !this.ratio || !this.background) return
    this.awaited = requestAnimationFrame(() => {
      this.awaited = null
      if (this.isClosed) return
      this.dots.draw(this.clips, this.plane, this.background)
      this.labels.follow(this.plane, this.data.color_by === "class" ? this.lit : null)
      this.over.classList.toggle("zoomed", !this.plane.isWhole)
      this.drawOver()
    })
  }

  drawOver() {
    if (this.clips && this.ratio && this.rule) this.overlay.draw()
  }

  spot(at) {
    return this.plane.toScreen(this.clips.x(at), this.clips.y(at))
  }

  at(left, top, reach) {
    return this.clips ? this.clips.nearest(...this.plane.toPlane(left, top), reach / this.plane.step) : -1
  }

  get isLassoing() {
    return this.lassoButton.getAttribute("aria-pressed") === "true"
  }

  toggleLasso(on = !this.isLassoing) {
    this.lassoButton.setAttribute("aria-pressed", String(on))
    this.over.classList.toggle("lassoing", on)
  }

  pan(across, down) {
    this.over.classList.add("dragging")
    this.plane.panBy(across, down)
    this.point(-1)
    this.redraw()
  }

  zoom(factor, left = this.plane.width / 2, top = this.plane.height / 2) {
    this.plane.zoomAt(left, top, factor)
    this.point(-1)
    this.redraw()
  }

  showWhole() {
    this.plane.showWhole()
    this.redraw()
  }

  point(at) {
    this.over.classList.toggle("near", at >= 0)
    if (at === this.pointed) return
    this.pointed = at
    this.tip.show(at)
    this.drawOver()
  }

  // To the next clip in a direction; the first step goes to the middle.
  step(across, down) {
    if (!this.clips) return
    const next = this.cursor < 0 ? this.clips.nearest(this.plane.x, this.plane.y, FULL) : this.clips.next(this.cursor, across, down)
    if (next < 0) return this.say("No clip further that way.")
    this.cursor = next
    this.plane.reveal(this.clips.x(next), this.clips.y(next))
    this.pointed = -1
    this.redraw()
    this.tip.show(next)
    this.say(this.tip.factsOf(next).join(", "))
  }

  press(at, by) {
    if (at < 0) return by === "keys" ? undefined : this.point(-1)
    this.cursor = this.chosen = at
    if (by === "touch") this.tip.show(at)
    this.play(this.clips.numbers[at])
    this.drawOver()
    this.setTriggerValue("chosen", this.clips.numbers[at])
  }

  play(number) {
    if (!this.data.sound) return
    this.playing = number
    this.audio.src = `${this.data.sound}/${number}.wav`
    this.audio.play().catch((error) => {
      if (error.name !== "AbortError") this.say("This clip cannot be played.")
    })
  }

  followSound() {
    this.drawOver()
    if (!this.audio.paused && !this.isClosed) requestAnimationFrame(() => this.followSound())
  }

  drawLasso(line) {
    this.over.classList.remove("dragging")
    if (line === this.line && !line) return
    this.line = line
    this.drawOver()
  }

  closeLasso(line) {
    const polygon = thinned(line)
    if (polygon.length < 3 || !this.clips) return
    this.polygon = polygon
    this.mask = this.clips.inside(polygon)
    const n = this.mask.reduce((sum, one) => sum + one, 0)
    this.say(n === 1 ? "1 clip chosen" : `${n.toLocaleString("en")} clips chosen`)
    if (!n) this.polygon = this.mask = null
    this.toggleLasso(false)
    this.recode()
    this.setTriggerValue("lasso", { address: this.address, polygon: n ? polygon : null })
  }

  letGo() {
    this.toggleLasso(false)
    this.point(-1)
    this.tip.show(-1)
    if (!this.polygon) return
    this.polygon = this.mask = null
    this.recode()
    this.setTriggerValue("lasso", { address: this.address, polygon: null })
  }

  say(text) {
    this.said.textContent = text
  }

  close() {
    this.isClosed = true
    this.sizes.disconnect()
    this.audio.pause()
    this.audio.remove()
  }
}

function unpackAnswers(buffer, n) {
  return { heard: new Uint16Array(buffer, 0, n), states: new Uint8Array(buffer, 2 * n, n) }
}

// Few enough corners to be sent, and in tenths of a step, as the server will count with them.
function thinned(line) {
  const every = Math.ceil(line.length / MOST_CORNERS)
  const tenth = (value) => Math.round(value * 10) / 10
  return line.filter((_, at) => at % every === 0).map(([x, y]) => [tenth(x), tenth(y)])
}

const maps = new WeakMap()

export default function (component) {
  const { parentElement } = component
  let map = maps.get(parentElement)
  if (!map) {
    map = new SoundMap(parentElement)
    maps.set(parentElement, map)
  }
  map.update(component)
  return () => {
    map.close()
    maps.delete(parentElement)
  }
}
