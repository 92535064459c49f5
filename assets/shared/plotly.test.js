import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutLinks } from './plotly.js'

test('what somebody calls a task becomes no link, and the rest of a figure stays as it is', () => {
  const x = Float64Array.of(1, 2)
  const y = [1, 2]
  const figure = {
    x,
    y,
    name: '<b>t</b><A href="http://evil.example">here</A>',
    hovertemplate: '%{y:.2f}<extra><a href="http://evil.example">x</a></extra>',
    text: ['a < b', '<a\thref=x>', null, undefined, true],
    line: { color: 'red', annotations: [{ text: '<br><span style="color: red">●</span></a>' }] }
  }
  const found = withoutLinks(figure)
  assert.equal(found.x, x)
  assert.equal(found.y, y)
  assert.equal(found.name, '<b>t</b>&lt;A href="http://evil.example">here&lt;/A>')
  assert.equal(found.hovertemplate, '%{y:.2f}<extra>&lt;a href="http://evil.example">x&lt;/a></extra>')
  assert.deepEqual(found.text, ['a < b', '&lt;a\thref=x>', null, undefined, true])
  assert.equal(found.line.annotations[0].text, '<br><span style="color: red">●</span>&lt;/a>')
})
