// plotly.js is four megabytes: asked for once a page, as early as can be, and shared by all that draw with it.
function loadPlotly(address) {
  if (window.Plotly) return Promise.resolve(window.Plotly)
  window.__plotly ??= new Promise((loaded, failed) => {
    const script = document.createElement('script')
    script.src = address
    script.onload = () => loaded(window.Plotly)
    script.onerror = () => failed(new Error('plotly.js could not be loaded from ' + address))
    document.head.append(script)
  })
  return window.__plotly
}

// The colours and the font of the page where a picture stands.
function themeOf(root) {
  const style = getComputedStyle(root), text = style.color
  const dark = (text.match(/[\d.]+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) > 384
  return {
    text, dark, font: style.fontFamily, muted: 'rgba(128, 132, 142, 0.95)', border: 'rgba(128, 132, 142, 0.30)',
    background: style.getPropertyValue('--st-background-color').trim() || 'white',
  }
}
