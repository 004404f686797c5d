const STORED = "urbansound-player"
const AS_IT_IS = { loop: false, slow: false, same: false, mute: false, volume: 1 }
const SWITCHES = ["loop", "slow", "same", "mute"]
const SAID = {
  loop: ["Plays once", "Loops"],
  slow: ["Normal speed", "Half speed, the same pitch"],
  same: ["As loud as it is", "Same loudness"],
  mute: ["Sound on", "Sound off"],
}

// What was chosen last, in whichever player, on this browser.
let chosenTools = null
const toolboxes = new Set()

function storedTools() {
  try {
    const stored = JSON.parse(localStorage.getItem(STORED)) ?? {}
    const isOn = SWITCHES.map((name) => [name, stored[name] === true])
    const volume = stored.volume >= 0 && stored.volume <= 1 ? +stored.volume : 1
    return { ...Object.fromEntries(isOn), volume }
  } catch {
    return { ...AS_IT_IS }
  }
}

function storeTools() {
  try {
    localStorage.setItem(STORED, JSON.stringify(chosenTools))
  } catch {
    // Where nothing may be kept, it holds for as long as the page does.
  }
}

// Loop, half speed, same loudness and volume: they stay from sound to sound.
class Tools {
  constructor(root, audio, onChange) {
    this.root = root
    this.audio = audio
    this.onChange = onChange
    this.loudness = new Loudness(audio)
    this.heard = null
    chosenTools ??= storedTools()
    toolboxes.add(this)
    for (const name of SWITCHES) root.querySelector(`.${name}`).onclick = () => this.turn(name)
    this.slider = root.querySelector(".volume")
    this.slider.oninput = () => this.choose({ volume: +this.slider.value, mute: +this.slider.value === 0 })
    audio.addEventListener("play", () => this.level())
  }

  get loops() {
    return chosenTools.loop
  }

  get gain() {
    return chosenTools.same ? gainFor(this.heard) : null
  }

  take(heard) {
    this.heard = heard
    this.show()
  }

  turn(name) {
    const isOn = !chosenTools[name]
    this.choose({ [name]: isOn })
    const how = name === "same" && isOn ? `: ${this.gainText}` : ""
    this.onChange(SAID[name][+isOn] + how)
  }

  choose(changed) {
    chosenTools = { ...chosenTools, ...changed }
    if (!chosenTools.mute && chosenTools.volume === 0) chosenTools.volume = 1
    storeTools()
    for (const box of toolboxes) box.show()
    if (!this.audio.paused || this.audio.gainNode) this.level()
  }

  get gainText() {
    if (this.heard === null) return "silent"
    const decibels = Math.round(gainFor(this.heard))
    return `${decibels < 0 ? "−" : "+"}${Math.abs(decibels)} dB`
  }

  level() {
    this.loudness.set(this.gain)
  }

  show() {
    const { slow, same, mute, volume } = chosenTools
    for (const name of SWITCHES) this.root.querySelector(`.${name}`).setAttribute("aria-pressed", chosenTools[name])
    this.root.querySelector(".gain").hidden = !same
    this.root.querySelector(".by").textContent = this.gainText
    this.root.querySelector(".mute .icon").textContent = mute ? "volume_off" : "volume_up"
    this.slider.value = mute ? 0 : volume
    // A new sound starts at the default rate, so that is the one to set.
    this.audio.defaultPlaybackRate = this.audio.playbackRate = slow ? 0.5 : 1
    this.audio.preservesPitch = true
    this.audio.volume = volume
    this.audio.muted = mute
    if (this.audio.gainNode) this.level()
  }

  close() {
    toolboxes.delete(this)
    this.loudness.close()
  }
}
