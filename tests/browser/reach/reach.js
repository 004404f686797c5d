// What a person on a phone meets: called with the page's width, it names what does not fit.
(() => {
  const problems = []
  const all = []
  const walk = (root) => {
    for (const element of root.querySelectorAll("*")) {
      all.push(element)
      if (element.shadowRoot) walk(element.shadowRoot)
    }
  }
  walk(document.body)
  // A folded navigation stands beside the screen; a painted table scrolls by itself.
  const isFolded = (element) => element.closest("[data-testid=stSidebar][data-collapsed=true], [data-testid=stDataFrame] *")
  const name = (element) => {
    const host = element.getRootNode().host
    const near = (host ?? element).closest?.("[class*=st-key-]")
    const key = near && [...near.classList].find((word) => word.startsWith("st-key-"))
    const label = element.getAttribute("aria-label") ?? element.textContent.trim()
    const kind = [element.tagName.toLowerCase(), element.dataset.testid, element.getAttribute("role")]
    const classes = typeof element.className === "string" ? element.className.split(" ")[0] : ""
    return `${kind.filter(Boolean).join("/")}.${classes} '${label.slice(0, 40)}' in ${key ?? "page"}`
  }
  const parent = (element) => element.assignedSlot ?? element.parentElement ?? element.getRootNode().host
  const style = (element) => getComputedStyle(element)
  const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  const scrolls = (element) => {
    for (let at = parent(element); at && at !== document.body; at = parent(at)) {
      const how = style(at).overflowX
      if (["auto", "scroll"].includes(how) && at.scrollWidth > at.clientWidth && !at.matches(".stMain, [data-testid=stMain], section")) return true
    }
    return false
  }
  // Kept for readers of the screen only: it takes no place.
  const isUnseen = (element) => {
    for (let at = element; at && at !== document.body; at = parent(at)) {
      const box = at.getBoundingClientRect()
      const { clipPath, clip, position } = style(at)
      if (position === "absolute" && (box.width <= 1 || box.height <= 1 || clip.startsWith("rect") || clipPath.includes("50%"))) return true
    }
    return false
  }
  if (document.scrollingElement.scrollWidth > innerWidth) problems.push(`the page is ${document.scrollingElement.scrollWidth} px wide`)
  const main = document.querySelector("[data-testid=stMain]")
  if (main && main.scrollWidth > innerWidth) problems.push(`the page's body is ${main.scrollWidth} px wide`)
  const controls = "a[href],button,input,select,textarea,summary,[role=button],[role=radio],[role=tab],[role=slider],[role=checkbox],[role=option]"
  const targets = []
  for (const element of all) {
    if (!isShown(element) || isFolded(element)) continue
    const box = element.getBoundingClientRect()
    if (!box.width || !box.height || isUnseen(element)) continue
    const isWide = box.right > innerWidth + 1 || box.left < -1
    const isOuter = !(parent(element)?.getBoundingClientRect().right > innerWidth + 1)
    const isEmpty = !element.textContent.trim() && !element.matches('img, canvas, input') && !element.querySelector('img, canvas, svg, input')
    if (isWide && isOuter && !isEmpty && !scrolls(element) && !element.closest("svg *")) problems.push(`cut off: ${name(element)} from ${Math.round(box.left)} to ${Math.round(box.right)} px`)
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())
    const size = parseFloat(style(element).fontSize)
    const isIcon = /Material Symbols/.test(style(element).fontFamily)
    if (own && !isIcon && size < 12) problems.push(`text of ${size} px: ${name(element)}`)
    if (element.matches(controls) && !element.matches("svg *, [tabindex='-1']:not(input)")) {
      const around = element.matches("input") && element.closest("label, [data-baseweb], [data-testid=stSelectbox]")
      targets.push([element, (around || element).getBoundingClientRect()])
    }
  }
  for (const [element, box] of targets) {
    const inText = element.matches("a") && parent(element)?.matches("p, li, span") && style(element).display === "inline"
    // Our own controls are a thumb's size; Streamlit's at least what WCAG 2.2 asks for.
    const least = element.getRootNode().host ? 40 : 24
    if (inText || (box.width >= 24 && box.height >= least - 0.5)) continue
    problems.push(`only ${Math.round(box.width)} by ${Math.round(box.height)} px to touch: ${name(element)}`)
  }
  return problems
})()
