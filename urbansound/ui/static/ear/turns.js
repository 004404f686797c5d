const GAP_MS = 350
const SHOWN_MS = 1100

// Clips of two classes in turn; as a quiz in any order, each to be named before the next.
class Turns {
  constructor(root) {
    this.root = root
    this.place = root.querySelector(".turns")
    this.said = root.querySelector(".said")
    this.ear = new Ear(() => this.show())
    this.isOn = false
    this.isQuiz = false
    this.turn = 0
    root.querySelector(".play").onclick = () => this.toggle()
    root.querySelector(".quiz").onclick = () => this.switchQuiz()
    this.unlisten = listenToKeys(this.place, (key) => this.key(key))
  }

  update({ data }) {
    const known = JSON.stringify(data)
    if (known === this.known) return
    this.known = known
    this.stop()
    this.data = data
    this.turn = 0
    this.right = 0
    this.asked = 0
    this.sides = data.faces.map((face, side) => this.side(face, side))
    this.root.querySelector(".sides").replaceChildren(...this.sides)
    this.show()
  }

  side(face, side) {
    const button = make("button", "side")
    button.type = "button"
    button.style.setProperty("--mark", face.color)
    button.append(make("span", "letter", "AB"[side]), icon(face.icon, "mark"), make("span", "name", face.title), make("span", "state"))
    button.onclick = () => (this.isQuiz && this.current ? this.answer(side) : this.playOne(side))
    return button
  }

  switchQuiz() {
    this.isQuiz = !this.isQuiz
    this.right = 0
    this.asked = 0
    this.stop()
    if (this.isQuiz) this.start()
  }

  toggle() {
    if (this.isOn) this.stop()
    else this.start()
  }

  start() {
    this.isOn = true
    this.go(this.isQuiz ? Math.floor(Math.random() * 2) : this.turn % 2)
  }

  stop() {
    this.isOn = false
    this.current = null
    clearTimeout(this.later)
    this.ear.stop()
    if (this.data) this.show()
  }

  playOne(side) {
    this.isOn = !this.isQuiz
    this.go(side)
  }

  go(side) {
    clearTimeout(this.later)
    const list = this.data.sounds[side]
    const sound = list[Math.floor(this.turn / 2) % list.length]
    const upcoming = this.data.sounds[1 - side]
    this.turn += 1
    this.current = { side, sound, given: null }
    decoded(upcoming[Math.floor(this.turn / 2) % upcoming.length].audio).catch(() => {})
    this.ear
      .play(sound.audio, { level: sound.level, onEnd: () => this.ended(side) })
      .catch(() => this.next(side))
    this.show()
    if (!this.isQuiz) this.said.textContent = this.data.faces[side].title
  }

  ended(side) {
    if (this.isOn && !this.isQuiz) this.next(side)
    else if (!this.isOn) this.current = null
    this.show()
  }

  next(side) {
    this.later = setTimeout(() => {
      if (!this.isOn) return
      this.go(this.isQuiz ? Math.floor(Math.random() * 2) : 1 - side)
    }, GAP_MS)
  }

  answer(given) {
    if (!this.current || this.current.given !== null) return
    this.current.given = given
    this.asked += 1
    const isRight = given === this.current.side
    if (isRight) this.right += 1
    this.said.textContent = `${isRight ? "Right" : "No"}: ${this.data.faces[this.current.side].title}`
    this.show()
    clearTimeout(this.later)
    this.later = setTimeout(() => this.isOn && this.go(Math.floor(Math.random() * 2)), SHOWN_MS)
  }

  key(key) {
    if (key === " ") {
      this.toggle()
      return true
    }
    const side = { a: 0, 1: 0, arrowleft: 0, b: 1, 2: 1, arrowright: 1 }[key]
    if (side === undefined || !this.isQuiz || !this.current) return false
    this.answer(side)
    return true
  }

  show() {
    const { isOn, isQuiz, current } = this
    const play = this.root.querySelector(".play")
    play.querySelector(".toggle").textContent = isOn ? "stop" : "play_arrow"
    play.querySelector(".words").textContent = isOn ? "Stop" : isQuiz ? "Play one" : "Play both in turn"
    this.root.querySelector(".quiz").setAttribute("aria-pressed", String(isQuiz))
    this.root.querySelector(".tally").textContent = this.asked ? `${this.right} of ${this.asked} right` : ""
    this.sides.forEach((side, at) => this.showSide(side, at))
    const isTold = current && (!isQuiz || current.given !== null)
    this.root.querySelector(".hint").textContent = isTold
      ? current.sound.name
      : isQuiz
        ? "Which was that? Click it, or press A or B. Space stops."
        : "All are equally loud. Space plays and stops."
  }

  showSide(button, side) {
    const { current, isQuiz } = this
    const isAnswered = isQuiz && current && current.given !== null
    const isTrue = current?.side === side
    const isPlaying = isTrue && this.ear.isPlaying && !isQuiz
    button.classList.toggle("on", Boolean(isPlaying))
    button.classList.toggle("right", Boolean(isAnswered && isTrue))
    button.classList.toggle("wrong", Boolean(isAnswered && !isTrue && current.given === side))
    const name = this.data.faces[side].title
    const state = isPlaying ? "plays" : isAnswered && isTrue ? "it was this" : ""
    button.querySelector(".state").textContent = state
    button.querySelector(".letter").hidden = !isQuiz
    button.setAttribute("aria-label", isQuiz ? `${"AB"[side]}: it was ${name}` : `Play ${name}`)
  }

  close() {
    this.unlisten()
    clearTimeout(this.later)
    this.ear.close()
  }
}

export default component(Turns)
