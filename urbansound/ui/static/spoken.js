// A reader is told of changes only: the text comes after the place that holds it.
export default function ({ data, parentElement }) {
  const place = parentElement.querySelector("[role=status]")
  const say = () => {
    if (place.textContent !== data.text) place.textContent = data.text
  }
  const later = setTimeout(say, 150)
  return () => clearTimeout(later)
}
