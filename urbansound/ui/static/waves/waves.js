const { WaveSurfer, Regions, Timeline } = wavesurfer
const WAVE_HEIGHT = 112
const SPECTROGRAM_HEIGHT = 220
const MFCC_HEIGHT = 160
const GAP = 8
const AXIS_HEIGHT = 36
const TOOLS = { l: "loop", s: "slow", v: "same" }
const ZOOMS = { "+": 2, "=": 2, "-": 0.5, 0: 0 }
const BLOB_SECONDS = 120
const BUSY =
  "a,button,input,textarea,select,summary,canvas,[contenteditable=true],[role=tab],[role=slider]," +
  "[role=radio],[role=option],[role=dialog],[role=grid]"

class WavePlayer {
  constructor(root) {
    this.root = root
    this.element = root.querySelector(".waves")
    this.place = root.querySelector(".place")
    this.gutter = new Gutter(root.querySelector(".gutter"))
    this.said = root.querySelector(".said")
    this.audio = document.body.appendChild(make("audio"))
    this.audio.className = "urbansound-waves"
    this.audio.preload = "metadata"
    this.spectrogram = new Spectrogram()
    this.coefficients = new Coefficients()
    this.sound = {}
    this.tools = new Tools(root, this.audio, (said) => this.retool(said))
    this.listen()
    this.build()
    this.pointer = new Pointer(root.querySelector(".board"), this.place, (event) => this.wordsAt(event))
  }

  listen() {
    for (const name of ["play", "pause", "ended", "seeked", "loadedmetadata"]) {
      this.audio.addEventListener(name, () => this.show())
    }
    this.audio.addEventListener("seeking", () => (this.isMoved = this.audio.paused))
    this.audio.addEventListener("play", () => (this.isMoved = false))
    this.audio.addEventListener("ended", () => this.end())
    this.audio.addEventListener("error", () => this.audio.getAttribute("src") && this.fail())
    this.onKey = (event) => this.key(event)
    document.addEventListener("keydown", this.onKey, true)
    const press = (name, act) => (this.root.querySelector(name).onclick = act)
    press(".play", () => this.toggle())
    // A tool that is clicked leaves Space to the player; by keys it has the focus as any button.
    this.root.querySelector(".tools").addEventListener("mousedown", (event) => {
      if (event.target.matches("input")) return
      event.preventDefault()
      this.place.focus({ preventScroll: true })
    })
    press(".in", () => this.closer(2))
    press(".out", () => this.closer(0.5))
    press(".whole", () => this.zoom.to(1))
  }

  build() {
    this.surfer = WaveSurfer.create({
      container: this.place,
      height: WAVE_HEIGHT,
      media: this.audio,
      cursorWidth: 2,
      normalize: true,
      dragToSeek: false,
      autoCenter: false,
    })
    this.surfer.getDuration = () => this.sound.window_s || 0
    this.zoom = new Zoom(
      this.surfer,
      () => this.showZoom(),
      (...stretch) => this.drag(...stretch),
    )
    this.stretches = new Stretches(this.surfer, (stretch) => this.choose(stretch))
    this.beyond = make("div", "beyond")
    this.marked = make("div", "marked")
    this.surfer.getWrapper().append(this.spectrogram.canvas, this.coefficients.canvas, this.beyond, this.marked)
    this.listenToSurfer()
  }

  listenToSurfer() {
    this.surfer.on("redraw", () => Object.assign(this.timeline.options, this.zoom.marks()))
    this.timeline = this.surfer.registerPlugin(Timeline.create({ height: 22, formatTimeCallback: (at) => this.mark(at) }))
    this.surfer.on("redraw", () => this.showZoom())
    this.surfer.on("scroll", () => this.showZoom())
    this.surfer.on("redrawcomplete", () => this.element.classList.remove("loading"))
    this.surfer.on("timeupdate", (now) => this.tick(now))
    this.surfer.on("click", (share) => this.click(share * this.sound.window_s))
  }

  mark(seconds) {
    const isFine = this.sound.window_s < 60 || this.zoom.marks().timeInterval < 1
    return isFine ? `${+seconds.toFixed(2)} s` : clock(seconds)
  }

  update({ data, setTriggerValue }) {
    this.setTriggerValue = setTriggerValue
    const isFirst = this.sound.audio === undefined
    // To play on and to loop exclude each other: what was asked for last holds.
    if (!isFirst && data.tells_end && !this.data.tells_end && this.tools.loops) this.tools.turn("loop")
    this.data = data
    const isNew = this.sound.audio !== data.sound.audio
    this.sound = data.sound
    this.element.style.setProperty("--mark", data.sound.color)
    this.element.classList.toggle("laned", data.lanes.length > 0)
    this.root.querySelector(".mark").textContent = data.sound.icon
    this.root.querySelector(".title").textContent = data.sound.title
    this.root.querySelector(".note").textContent = data.sound.note
    this.element.setAttribute("aria-label", data.sound.title)
    this.place.style.height = `${data.board_height}px`
    this.spectrogram.take(data.spectrogram)
    this.coefficients.take(data.mfcc)
    if (isNew) this.load()
    this.tools.take(data.sound.level_db)
    this.stretches.draw(data.regions, data.lanes)
    if (this.chosen && !this.chosen.isMark) this.chosen = this.stretches.like(this.chosen)
    this.gutter.draw(data)
    this.follow(data.go_to, isFirst)
    this.show()
    this.showZoom()
    if (isNew && !isFirst && data.autoplay) this.play(0)
  }

  // A new sound takes the place of the one before.
  load() {
    this.audio.pause()
    this.chosen = null
    this.element.classList.remove("failed")
    this.stretches.clear()
    this.surfer.setOptions({ waveColor: this.sound.color, progressColor: this.sound.color, minPxPerSec: 0 })
    const beyond = Math.max(0, this.sound.window_s - this.sound.duration_s)
    const courses = channels(this.data.peaks, beyond / this.sound.duration_s, this.zoom.closest)
    this.beyond.style.width = `${(100 * beyond) / this.sound.window_s}%`
    for (const { style } of [this.beyond, this.marked]) style.height = `${this.data.board_height - AXIS_HEIGHT}px`
    this.surfer.load("", courses, this.sound.window_s).catch(() => this.fail())
    this.ready = this.fetch(this.sound.audio)
  }

  // Short sounds are fetched whole: then every moment can be jumped to at once.
  async fetch(address) {
    this.letGo()
    this.audio.removeAttribute("src")
    let source = address
    if (this.sound.duration_s <= BLOB_SECONDS) {
      const answer = await fetch(address).catch(() => null)
      if (answer?.ok) source = URL.createObjectURL(await answer.blob())
    }
    if (this.sound.audio !== address || this.isClosed) {
      if (source !== address) URL.revokeObjectURL(source)
      return false
    }
    if (source !== address) this.blob = source
    this.audio.src = source
    return true
  }

  letGo() {
    if (this.blob) URL.revokeObjectURL(this.blob)
    this.blob = null
  }

  // Where the page asks for a stretch to be heard, it is heard once.
  follow(goTo, isFirst) {
    const asked = JSON.stringify([goTo, this.sound.audio])
    if (asked === this.asked) return
    this.asked = asked
    // A page that is told what was chosen keeps that: coming back to it is no wish to hear it.
    if (!goTo || (isFirst && this.data.tells)) return
    const [start_s, end_s] = goTo
    this.hear(this.stretches.between(start_s, end_s) ?? { start_s, end_s, label: "" })
  }

  choose(stretch) {
    this.hear(stretch)
    const { start_s, end_s, label, lane } = stretch
    if (this.data.tells) this.setTriggerValue("moment", { start_s, end_s, label, lane })
  }

  hear(stretch) {
    this.play(stretch.start_s, stretch.end_s)
    this.chosen = stretch
    this.zoom.bring(stretch.start_s, stretch.end_s)
    this.say(wordsOf(stretch, this.sound.window_s))
    this.show()
  }

  async play(start, end) {
    this.chosen = null
    const asked = (this.wanted = Symbol("asked"))
    if (!(await this.ready) || this.wanted !== asked) return
    this.hushOthers()
    const stop = this.tools.loops ? undefined : end
    await this.surfer.play(start, stop).catch((error) => error.name === "AbortError" || this.fail())
  }

  // The grey after a sound is no part of it.
  click(at) {
    const { chosen } = this
    const isInside = chosen?.isMark && at >= chosen.start_s && at < chosen.end_s
    this.play(at < this.sound.duration_s ? at : 0, isInside ? chosen.end_s : undefined)
    if (isInside) this.chosen = chosen
  }

  tick(now) {
    const { chosen } = this
    if (chosen && this.tools.loops && this.isPlaying && now >= chosen.end_s) this.surfer.setTime(chosen.start_s)
    this.showTime()
  }

  again() {
    const { chosen } = this
    this.play(chosen.start_s, chosen.end_s)
    this.chosen = chosen
  }

  // What plays goes on as it is asked for now: in a loop, or to the end of its stretch.
  retool(said) {
    this.say(said)
    const stop = this.chosen && this.isPlaying && !this.tools.loops ? this.chosen.end_s : null
    this.surfer.stopAtPosition = stop
    this.show()
  }

  // A stretch as it is being marked, and when it has been.
  drag(from, to, isDone) {
    const [start_s, end_s] = [Math.max(from, 0), Math.min(to, this.sound.duration_s)]
    if (!isDone) return this.showMark({ start_s, end_s })
    if (end_s - start_s < SHORTEST_S) return this.showMark(this.chosen)
    this.markStretch(start_s, end_s)
    this.zoom.around(start_s, end_s)
  }

  markStretch(start_s, end_s) {
    this.chosen = { start_s, end_s, label: "marked", lane: null, isMark: true }
    if (this.isPlaying) this.again()
    else this.surfer.setTime(start_s)
    this.say(wordsOf(this.chosen, this.sound.window_s))
    this.show()
  }

  // From here, or to here: the other end stays where it was.
  markEnd(key) {
    const now = Math.min(this.audio.currentTime, this.sound.duration_s)
    const { start_s, end_s } = this.chosen ?? { start_s: 0, end_s: this.sound.duration_s }
    if (key === "a" && now <= end_s - SHORTEST_S) this.markStretch(now, end_s)
    if (key === "b" && now >= start_s + SHORTEST_S) this.markStretch(start_s, now)
    return true
  }

  unmark() {
    if (!this.chosen?.isMark) return false
    this.chosen = null
    this.retool("Nothing marked")
    return true
  }

  hushOthers() {
    window.urbansoundPlayer?.stop()
    for (const other of document.querySelectorAll("audio, video")) if (other !== this.audio) other.pause()
  }

  get isPlaying() {
    return !this.audio.paused
  }

  toggle() {
    const { chosen } = this
    const isOver = chosen && this.audio.currentTime >= chosen.end_s - 0.02
    if (this.isPlaying) this.pause()
    else if (isOver) this.hear(chosen)
    else {
      this.play(undefined, chosen?.end_s)
      this.chosen = chosen
    }
  }

  pause() {
    this.wanted = null
    this.audio.pause()
  }

  // A sound that was moved to its end while it stood still has not been played to it.
  end() {
    if (this.chosen && this.tools.loops) this.again()
    else if (this.data.tells_end && !this.isMoved && !this.chosen) this.setTriggerValue("end", this.sound.audio)
  }

  fail() {
    this.element.classList.add("failed")
    this.root.querySelector(".time").textContent = "cannot be played"
    this.say(`${this.sound.title} cannot be played`)
  }

  say(text) {
    this.said.textContent = text
  }

  show() {
    const button = this.root.querySelector(".play")
    this.element.classList.toggle("playing", this.isPlaying)
    button.firstElementChild.textContent = this.isPlaying ? "pause" : "play_arrow"
    button.setAttribute("aria-label", `${this.isPlaying ? "Pause" : "Play"} ${this.sound.title}`)
    this.stretches.mark(this.chosen)
    this.audio.loop = this.tools.loops && !this.chosen
    this.showMark(this.chosen)
    this.showTime()
  }

  showMark(stretch) {
    const { style } = this.marked
    const isShown = stretch && (stretch.isMark || stretch !== this.chosen)
    style.display = isShown ? "block" : "none"
    if (!isShown) return
    style.left = `${(100 * stretch.start_s) / this.sound.window_s}%`
    style.width = `${(100 * (stretch.end_s - stretch.start_s)) / this.sound.window_s}%`
  }

  showTime() {
    if (this.element.classList.contains("failed")) return
    const isShort = this.sound.window_s < 60
    const now = Math.min(this.audio.currentTime, this.sound.duration_s)
    const text = `${timeText(now, isShort)} of ${timeText(this.sound.duration_s, isShort)}`
    this.root.querySelector(".time").textContent = text
    const slider = { valuemin: 0, valuemax: this.sound.duration_s.toFixed(1), valuenow: now.toFixed(1), valuetext: text }
    for (const [name, value] of Object.entries(slider)) this.place.setAttribute(`aria-${name}`, value)
    this.place.setAttribute("aria-label", `Position in ${this.sound.title}`)
  }

  showZoom() {
    const [from, to] = this.zoom.shown.map((share) => share * (this.sound.window_s || 0))
    for (const picture of [this.spectrogram, this.coefficients]) picture.show(from, to, this.surfer.getWidth())
    const off = (name, is) => (this.root.querySelector(name).disabled = is)
    off(".out", this.zoom.isWhole)
    off(".whole", this.zoom.isWhole)
    off(".in", this.zoom.isClosest)
    this.surfer.getWrapper().style.cursor = this.zoom.isWhole ? "pointer" : "grab"
    this.zoom.view.style.touchAction = this.zoom.isWhole ? "pan-y" : "pan-x pan-y"
  }

  // The playhead stays in view where it is in it, else the middle does.
  closer(times) {
    const { zoom, surfer } = this
    const x = (this.audio.currentTime / (this.sound.window_s || 1)) * zoom.wrapper.clientWidth - surfer.getScroll()
    const isIn = x >= 0 && x < surfer.getWidth()
    zoom.to(zoom.scale * times, isIn ? x : undefined)
  }

  wordsAt({ clientX, clientY }) {
    const box = this.place.getBoundingClientRect()
    const seconds = this.zoom.secondsAt(clientX - box.left)
    const when = `${seconds.toFixed(this.sound.window_s < 60 ? 2 : 1)} s`
    for (const picture of [this.spectrogram, this.coefficients]) {
      const { top, height } = picture.canvas.getBoundingClientRect()
      const share = (top + height - clientY) / height
      if (share >= 0 && share < 1) return [when, picture.words(seconds, share)].filter(Boolean).join(" · ")
    }
    return clientY < box.top + WAVE_HEIGHT ? when : null
  }

  key(event) {
    const isPlus = event.key === "+"
    if (event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && !isPlus)) return
    const path = event.composedPath()
    const isInside = path.includes(this.element)
    const isIdle = !path.some((node) => node.matches?.(BUSY))
    if (!isInside && !(this.data.hotkeys && isIdle)) return
    if (path[0].matches?.("input") || (event.key === " " && path[0].matches?.("button:not(.play)"))) return
    if (!this.act(event.key)) return
    event.preventDefault()
    event.stopPropagation()
  }

  act(key) {
    const [tool, letter] = [TOOLS[key.toLowerCase()], key.toLowerCase()]
    if (key === " ") this.toggle()
    else if (tool) this.tools.turn(tool)
    else if (letter === "a" || letter === "b") return this.markEnd(letter)
    else if (key === "Escape") return this.unmark()
    else if (key in ZOOMS) ZOOMS[key] ? this.closer(ZOOMS[key]) : this.zoom.to(1)
    else return this.move(key)
    return true
  }

  move(key) {
    if (!["ArrowLeft", "ArrowRight", "Home", "End"].includes(key)) return false
    if (this.stretches.inOrder.length) this.choose(this.stretches.next(key, this.chosen, this.audio.currentTime))
    else if (this.data.is_stepped) return false
    else this.seek(key)
    return true
  }

  seek(key) {
    const end = this.sound.duration_s
    const to = { ArrowLeft: this.audio.currentTime - 1, ArrowRight: this.audio.currentTime + 1, Home: 0, End: end }[key]
    this.surfer.setTime(Math.min(Math.max(to, 0), end))
    this.say(timeText(Math.min(Math.max(to, 0), end), end < 60))
  }

  close() {
    this.isClosed = true
    document.removeEventListener("keydown", this.onKey, true)
    this.audio.pause()
    this.tools.close()
    this.surfer.destroy()
    this.letGo()
    this.audio.removeAttribute("src")
    this.audio.load()
    this.audio.remove()
  }
}

const players = new WeakMap()

export default function (component) {
  const { parentElement } = component
  let player = players.get(parentElement)
  if (!player) {
    player = new WavePlayer(parentElement)
    players.set(parentElement, player)
  }
  player.update(component)
  return () => {
    player.close()
    players.delete(parentElement)
  }
}
