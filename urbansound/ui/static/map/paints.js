const GREY = { light: [122, 134, 147], dark: [139, 151, 164] }
const WRONG = { light: [200, 84, 0], dark: [245, 150, 70] }
const FAINT = 0.16
const N_HUES = 20
// Told apart by most eyes; used again from the start where there are more folds.
const FOLD_COLORS = ["#2b6cf0", "#e07b00", "#0e8f6e", "#c23b8f", "#8a7a00", "#7d57d6", "#d1495b", "#1797b0", "#7a6a5f", "#5a8f2a"]

function rgb(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16))
}

function css([r, g, b]) {
  return `rgb(${r} ${g} ${b})`
}

// Hues that look equally bright; what a canvas makes of a colour's words is its red, green and blue.
function fromHue(hue, light) {
  return colorOf(`oklch(${light} 0.17 ${hue})`)
}

function colorOf(words) {
  const context = new OffscreenCanvas(1, 1).getContext("2d")
  context.fillStyle = words.trim() || "#fff"
  context.fillRect(0, 0, 1, 1)
  return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)]
}

// A rule says what each clip's group is, what the groups look like and what the legend says.
const RULES = {
  class: (clips, data) => ({
    groupOf: (at) => clips.classes[at],
    groups: data.classes.map(({ title, icon, color }) => ({ title, icon, color: rgb(color) })),
  }),

  fold: (clips, data) => {
    const at = new Map(data.folds.map((fold, place) => [fold, place]))
    return {
      groupOf: (clip) => at.get(clips.folds[clip]) ?? 0,
      groups: data.folds.map((fold, place) => ({
        title: `fold ${fold}`,
        color: rgb(FOLD_COLORS[place % FOLD_COLORS.length]),
      })),
    }
  },

  recording: (clips, data, look) => {
    const several = [...clips.takes.values()].filter((n) => n > 1).length
    const lights = look === "dark" ? [0.65, 0.78] : [0.47, 0.61]
    const hues = Array.from({ length: 2 * N_HUES }, (_, at) => fromHue((360 / N_HUES) * (at >> 1), lights[at & 1]))
    return {
      groupOf: (at) => (clips.nTakes(at) > 1 ? 1 + hashed(clips.recordings[at], 2 * N_HUES) : 0),
      groups: [{ title: "the only clip of its recording", color: GREY[look], alpha: 0.3 }, ...hues.map((color) => ({ color }))],
      entries: [
        { title: `one colour is one recording: ${several.toLocaleString("en")} with two or more clips`, isMany: true },
        { title: "the only clip of its recording, or unknown", color: GREY[look] },
      ],
    }
  },

  answers: (clips, data, look, answers) => ({
    groupOf: (at) => answers?.states[at] ?? 0,
    groups: [
      { title: "not tested", color: GREY[look], alpha: FAINT },
      { title: "right", color: GREY[look] },
      { title: "wrong", icon: "close", color: WRONG[look], shape: "cross" },
    ],
    order: [2, 1, 0],
  }),
}

// Numbers of recordings lie close together; neighbours must not get neighbouring colours.
function hashed(id, n) {
  return (Math.imul(id % 2147483647, 2654435761) >>> 8) % n
}

// What `Dots` draws: each group as it is, and the same faded.
function paintsOf(rule) {
  return rule.groups.flatMap(({ color, shape = "dot", alpha = 1 }) => [
    { color, shape, alpha },
    { color, shape, alpha: Math.min(alpha, FAINT) },
  ])
}
