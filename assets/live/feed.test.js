import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeNetwork } from '../shared/fakes.test.js'
import { Feed } from './feed.js'
import { describeFeed } from './legend.js'

function followed() {
  const network = fakeNetwork()
  const news = []
  const feed = new Feed('/api/runs/token/events', read => news.push(read), network.options)
  return { ...network, feed, news }
}
const points = (offset, x) => ({ offset, status: 'running', series: { 'loss/a': { x, y: x } } })

test('a line that comes back asks for what it missed', () => {
  const { clock, last, feed, news } = followed()
  last().open()
  last().say(points(120, [1, 2]))
  last().drop()
  clock.ring()
  assert.equal(last().path, '/api/runs/token/events?offset=120')
  assert.deepEqual([news.length, feed.store.points], [1, 2])
})

test('a log that was cut back is asked for from its beginning', () => {
  const { clock, last, news } = followed()
  last().open()
  last().say(points(120, [8]))
  last().say(points(130, [4]))
  clock.ring()
  assert.equal(last().path, '/api/runs/token/events?offset=0')
  assert.equal(news.length, 1)
})

test('a run that is gone is not asked for again', () => {
  const { clock, last, feed } = followed()
  last().open()
  last().drop(4404)
  assert.ok(feed.gone)
  assert.deepEqual(clock.timers, [])
  assert.equal(describeFeed(feed), 'This run is no longer kept')
})

test('the state of the line in words', () => {
  const { last, feed } = followed()
  assert.equal(describeFeed(undefined), '')
  assert.equal(describeFeed(feed), 'Connecting')
  last().open()
  last().say({ offset: 0, status: 'queued' })
  assert.equal(describeFeed(feed), 'Waiting for a free place to train')
  last().say(points(10, [1]))
  assert.equal(describeFeed(feed), '')
  last().drop()
  assert.equal(describeFeed(feed), 'Connection lost, trying again')
})

test('a held picture stays as it is, goes on step by step, and loses nothing', () => {
  const { last, feed, news, clock } = followed()
  last().open()
  last().say(points(120, [1, 2]))
  feed.hold()
  last().say(points(130, [3]))
  last().say(points(140, [4]))
  assert.equal(feed.store.points, 2)
  feed.showNext()
  assert.equal(feed.store.step, 3)
  last().drop()
  clock.ring()
  assert.equal(last().path, '/api/runs/token/events?offset=140') // what waits is not asked for again
  last().open()
  last().say(points(150, [5]))
  feed.release()
  assert.deepEqual([feed.store.points, news.length], [5, 4])
  last().say(points(160, [6]))
  assert.equal(feed.store.step, 6)
})
