// Shapes that several components share. Declarations only: nothing of this file is served.

/** What Streamlit hands a component at each run of the page. */
export interface Component<Data> {
  parentElement: HTMLElement | ShadowRoot
  data: Data
  setStateValue: (name: string, value: unknown) => void
  setTriggerValue: (name: string, value: unknown) => void
}

/** Colours with one meaning everywhere; `core/charts/palette.py` is where they are chosen. */
export interface Palette {
  tasks: string[]
  grey: string
  conflict: string
  agreement: string
  satisfied: string
  /** Stops of the scale from cosine −1 to 1, on a light and on a dark page. */
  cosine: { light: ColourScale; dark: ColourScale }
}

export type ColourScale = [number, string][]

/** Colours and font of the page where a picture stands. */
export interface Theme {
  text: string
  dark: boolean
  font: string
  muted: string
  border: string
  background: string
}

/** A trace, a layout or a part of one, in plotly's words. */
export type Plotly = Record<string, any>

/** An element that plotly has drawn into. */
export type PlotElement = HTMLElement & {
  _fullLayout?: any
  data?: any[]
  on: (event: string, then: (said: any) => void) => void
}

export type Point = [number, number]

declare global {
  interface Window {
    Plotly: any
    __plotly?: Promise<any>
    __live?: unknown
    __bench?: unknown
    __land?: unknown
    __conflict?: unknown
    __front?: unknown
    __userMap?: unknown
  }
}
