// Charts are painted in the look of the moment: when that changes, the page is drawn anew.
let drawn = null

const look = () => getComputedStyle(document.querySelector(".stApp")).colorScheme

export default function ({ setTriggerValue }) {
  drawn ??= look()
  const watch = new MutationObserver(() => {
    if (look() === drawn) return
    drawn = look()
    setTriggerValue("look", drawn)
  })
  watch.observe(document.querySelector(".stApp"), { attributes: true, attributeFilter: ["class"] })
  return () => watch.disconnect()
}
