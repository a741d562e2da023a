// Draws the charts. A page is whole without this file: every chart's numbers stand in the table under it.
//
// Each `.chart` holds its numbers as JSON; colours come from the style sheet's variables, so that light, dark and print
// need no second palette here. Nothing is fetched, and no style is written into the page but by the charts' own canvas.

import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

echarts.use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

type Series = { name: string; values: (number | null)[] };
type Chart = {
  form: 'stacked-columns' | 'lines' | 'stacked-bars';
  unit: string;
  labels: string[];
  series: Series[];
  tones: 'categories' | 'ordered' | 'states';
};
type Colours = {
  ink: string;
  quiet: string;
  line: string;
  surface: string;
  other: string;
  series: string[];
  states: string[];
  ramp: string[];
  font: string;
};
const contrast = matchMedia('(prefers-contrast: more), (forced-colors: active)');

type Drawn = { box: HTMLElement; chart: Chart; canvas: echarts.ECharts };

const DASHES: (string | number[])[] = ['solid', [6, 3], [2, 2], [10, 3, 2, 3], [4, 4], [1, 3], 'solid'];
const MARKS = ['circle', 'triangle', 'rect', 'diamond', 'emptyCircle', 'emptyTriangle', 'emptyRect'];
// Patterns laid over areas where the reader's system asks for more contrast; none on the first.
const PATTERNS = [
  null,
  { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [1.5, 5], rotation: Math.PI / 4 },
  {
    symbol: 'circle',
    dashArrayX: [
      [6, 6],
      [0, 6, 6, 0],
    ],
    dashArrayY: [5, 0],
    symbolSize: 0.5,
  },
  { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [1.5, 5], rotation: -Math.PI / 4 },
  { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [1.5, 4] },
  { symbol: 'rect', dashArrayX: [1.5, 4], dashArrayY: [1, 0] },
  {
    symbol: 'rect',
    dashArrayX: [
      [4, 4],
      [0, 4, 4, 0],
    ],
    dashArrayY: [2, 3],
    symbolSize: 0.6,
  },
];

// Names at the end of lines and columns, pixels: the longest, the room that one takes, and the width of a chart from which
// there is room for them.
const LONGEST_NAME = 170;
const NAME_HEIGHT = 15;
const NAMED_FROM = 460;
// A row of the legend, pixels: its text and the gap below it.
const LEGEND_ROW = 27;
// The legend's distance from the top, pixels: the library puts names beside lines higher than their box begins.
const LEGEND_TOP = 6;
// What stands beside a name in the legend, its gap to the next one included, pixels.
const LEGEND_MARK = 45;
const measure = document.createElement('canvas').getContext('2d');

function colours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    ink: read('--ink'),
    quiet: read('--ink-quiet'),
    line: read('--line'),
    surface: read('--surface'),
    other: read('--series-other'),
    series: [1, 2, 3, 4, 5, 6, 7].map((place) => read(`--series-${place}`)),
    states: [1, 2, 3].map((place) => read(`--state-${place}`)),
    ramp: [read('--ramp-oldest'), read('--ramp-middle'), read('--ramp-newest')],
    font: getComputedStyle(document.body).fontFamily,
  };
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16));
}

// A colour on the way through the ramp's stops; 0 is the oldest, 1 the newest.
function onRamp(stops: string[], share: number): string {
  const place = share * (stops.length - 1);
  const before = Math.min(Math.floor(place), stops.length - 2);
  const [start, end] = [channels(stops[before] ?? '#000000'), channels(stops[before + 1] ?? '#000000')];
  const mixed = start.map((value, channel) => Math.round(value + ((end[channel] ?? value) - value) * (place - before)));
  return `rgb(${mixed.join(',')})`;
}

// What is too much for one chart: "33 others".
const isRest = (name: string | undefined) => /^\d+ others$/.test(name ?? '');

function tone(chart: Chart, place: number, palette: Colours): string {
  const name = chart.series[place]?.name;
  if (chart.tones === 'states') return palette.states[place] ?? palette.other;
  if (isRest(name)) return palette.other;
  if (chart.tones === 'ordered') {
    return onRamp(palette.ramp, chart.series.length < 2 ? 1 : place / (chart.series.length - 1));
  }
  const series = isRest(chart.series[0]?.name) ? place - 1 : place;
  const colour = palette.series[series % palette.series.length] ?? palette.other;
  // A second round is paler, so that no two series of a chart share a colour.
  return series < palette.series.length ? colour : onRamp([colour, palette.surface], 0.45);
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

// The tooltip is made of elements with classes: the page's security policy lets no style stand in markup.
function tooltip(chart: Chart, items: { seriesIndex: number; dataIndex: number }[]): HTMLElement {
  const box = document.createElement('div');
  box.className = 'tip';
  const title = box.appendChild(document.createElement('p'));
  title.textContent = chart.labels[items[0]?.dataIndex ?? 0] ?? '';
  const table = box.appendChild(document.createElement('table'));
  const ordered = chart.form === 'stacked-columns' ? [...items].reverse() : items;
  let total = 0;
  for (const item of ordered) {
    const series = chart.series[item.seriesIndex];
    const value = series?.values[item.dataIndex];
    if (value === null || value === undefined) continue;
    total += value;
    if (value === 0 && chart.series.length > 4) continue;
    row(table, series?.name ?? '', whole.format(value));
  }
  if (chart.form !== 'lines' && chart.series.length > 1) row(table, 'Total', whole.format(total)).className = 'total';
  return box;
}

function row(table: HTMLTableElement, name: string, value: string): HTMLTableRowElement {
  const line = table.insertRow();
  line.insertCell().textContent = name;
  line.insertCell().textContent = value;
  return line;
}

// Names stand at the end of lines and columns, where there is room for them: nobody has to match colours.
function room(chart: Chart, width: number, palette: Colours): { right: number; named: boolean; legendRows: number } {
  if (chart.series.length === 1) return { right: chart.form === 'stacked-bars' ? 44 : 12, named: false, legendRows: 0 };
  const widths = chart.series.map((series) => textWidth(series.name, palette));
  const longest = Math.min(LONGEST_NAME, Math.max(...widths));
  const named = chart.form !== 'stacked-bars' && width >= NAMED_FROM;
  const all = chart.series.every((series) => (series.values.at(-1) ?? 0) > 0 || chart.form === 'lines');
  let legendRows = 0;
  if (!named || !all) {
    legendRows = 1;
    let used = 0;
    for (const each of widths) {
      const wide = each + LEGEND_MARK;
      if (used + wide > width && used > 0) {
        legendRows += 1;
        used = 0;
      }
      used += wide;
    }
  }
  return { right: named ? longest + 22 : 12, named, legendRows };
}

function textWidth(text: string, palette: Colours): number {
  if (!measure) return text.length * 7;
  measure.font = `12px ${palette.font}`;
  return measure.measureText(text).width;
}

function options(chart: Chart, width: number, palette: Colours, shifts: number[]): echarts.EChartsCoreOption {
  const bars = chart.form === 'stacked-bars';
  const lines = chart.form === 'lines';
  const single = chart.series.length === 1;
  const place = room(chart, width, palette);
  const text = { color: palette.quiet, fontFamily: palette.font, fontSize: 12 };
  const names = {
    type: 'category',
    data: chart.labels,
    inverse: bars,
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
    axisLabel: {
      ...text,
      hideOverlap: true,
      ...(bars ? { width: Math.min(210, width * 0.34), overflow: 'truncate', interval: 0, color: palette.ink } : {}),
    },
    boundaryGap: !lines,
  };
  const values = {
    type: 'value',
    minInterval: lines ? undefined : 1,
    scale: lines && chart.unit.includes('= 100'),
    splitNumber: 4,
    axisLabel: { ...text, show: !(bars && single), formatter: (value: number) => whole.format(value) },
    splitLine: { show: !(bars && single), lineStyle: { color: palette.line } },
  };
  return {
    animation: false,
    textStyle: { fontFamily: palette.font },
    grid: {
      left: 4,
      right: place.right,
      top: 14 + place.legendRows * LEGEND_ROW,
      bottom: 4,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    legend: {
      show: place.legendRows > 0,
      left: 0,
      top: LEGEND_TOP,
      padding: 0,
      icon: lines ? undefined : 'rect',
      itemWidth: lines ? 26 : 13,
      itemHeight: lines ? 10 : 11,
      itemGap: 14,
      textStyle: { ...text, color: palette.ink },
      inactiveColor: palette.line,
    },
    tooltip: {
      trigger: 'axis',
      axisPointer: lines
        ? { type: 'line', lineStyle: { color: palette.quiet } }
        : { type: 'shadow', shadowStyle: { color: palette.ink, opacity: 0.06 } },
      className: 'tip-frame',
      backgroundColor: 'transparent',
      borderWidth: 0,
      padding: 0,
      extraCssText: 'box-shadow:none',
      confine: true,
      formatter: (items: unknown) =>
        tooltip(chart, (Array.isArray(items) ? items : [items]) as { seriesIndex: number; dataIndex: number }[]),
    },
    xAxis: bars ? values : names,
    yAxis: bars ? names : values,
    series: chart.series.map((series, index) =>
      (lines ? line : bar)(chart, series, index, palette, place.named ? (shifts[index] ?? 0) : null),
    ),
  };
}

function line(chart: Chart, series: Series, place: number, palette: Colours, shift: number | null): object {
  return {
    type: 'line',
    name: series.name,
    data: series.values,
    color: tone(chart, place, palette),
    lineStyle: { width: 2, type: DASHES[place % DASHES.length] },
    symbol: MARKS[place % MARKS.length],
    symbolSize: 6,
    showAllSymbol: 'auto',
    emphasis: { focus: 'series' },
    endLabel: {
      show: shift !== null,
      offset: [0, shift ?? 0],
      formatter: series.name,
      color: palette.ink,
      fontFamily: palette.font,
      fontSize: 12,
      distance: 8,
      width: LONGEST_NAME,
      overflow: 'truncate',
    },
  };
}

function bar(chart: Chart, series: Series, place: number, palette: Colours, shift: number | null): object {
  const single = chart.series.length === 1;
  const pattern = contrast.matches && chart.tones !== 'ordered' ? PATTERNS[place % PATTERNS.length] : null;
  const last = series.values.length - 1;
  const label = {
    color: palette.ink,
    fontFamily: palette.font,
    fontSize: 12,
    position: 'right',
    distance: single ? 5 : 10,
    width: LONGEST_NAME,
    overflow: 'truncate',
  };
  // Only the last column carries the name, and only of what is there.
  const data = series.values.map((value, index) =>
    shift !== null && index === last && value
      ? { value, label: { ...label, show: true, offset: [0, shift], formatter: series.name } }
      : value,
  );
  return {
    type: 'bar',
    name: series.name,
    data: single ? series.values : data,
    stack: 'all',
    color: tone(chart, place, palette),
    barMaxWidth: 26,
    barCategoryGap: chart.form === 'stacked-bars' ? '34%' : '22%',
    itemStyle: {
      borderColor: palette.surface,
      borderWidth: single ? 0 : 0.75,
      decal: pattern && !single ? { ...pattern, color: `${palette.surface}99` } : undefined,
    },
    label:
      single && chart.form === 'stacked-bars'
        ? { ...label, show: true, formatter: (item: { value: number }) => whole.format(item.value) }
        : undefined,
  };
}

// How far each name must move, up or down, so that no two stand on each other. Names are spread from the bottom upwards, then
// pushed back below the top.
function shifts(chart: Chart, canvas: echarts.ECharts): number[] {
  let sum = 0;
  const wanted: { index: number; at: number }[] = [];
  chart.series.forEach((series, index) => {
    const value = series.values.at(-1) ?? null;
    const middle = chart.form === 'lines' ? value : sum + (value ?? 0) / 2;
    sum += value ?? 0;
    const shown = chart.form === 'lines' ? value !== null : (value ?? 0) > 0;
    if (shown && middle !== null) wanted.push({ index, at: Number(canvas.convertToPixel({ yAxisIndex: 0 }, middle)) });
  });
  wanted.sort((one, other) => other.at - one.at);
  let limit = canvas.getHeight() - NAME_HEIGHT;
  const placed = wanted.map((name) => {
    const at = Math.min(name.at, limit);
    limit = at - NAME_HEIGHT;
    return { ...name, to: at };
  });
  let top = NAME_HEIGHT / 2;
  for (const name of [...placed].reverse()) {
    name.to = Math.max(name.to, top);
    top = name.to + NAME_HEIGHT;
  }
  const moved = chart.series.map(() => 0);
  for (const name of placed) moved[name.index] = name.to - name.at;
  return moved;
}

function draw(one: Drawn, palette: Colours): void {
  const width = one.box.clientWidth;
  // The legend's rows take nothing from the plot: the canvas grows by them.
  const { legendRows } = room(one.chart, width, palette);
  one.box.style.setProperty('--legend', `${legendRows * LEGEND_ROW}px`);
  one.canvas.resize();
  one.canvas.setOption(options(one.chart, width, palette, []), { notMerge: true });
  if (one.chart.form === 'stacked-bars' || !room(one.chart, width, palette).named) return;
  one.canvas.setOption(options(one.chart, width, palette, shifts(one.chart, one.canvas)), { notMerge: true });
}

function start(): void {
  const drawn: Drawn[] = [];
  for (const box of document.querySelectorAll<HTMLElement>('.chart')) {
    const numbers = box.querySelector("script[type='application/json']")?.textContent;
    const canvasBox = box.querySelector<HTMLElement>('.canvas');
    if (!numbers || !canvasBox) continue;
    const chart = JSON.parse(numbers) as Chart;
    box.classList.add('drawn');
    const one = { box: canvasBox, chart, canvas: echarts.init(canvasBox, null, { renderer: 'canvas' }) };
    drawn.push(one);
    draw(one, colours());
    new ResizeObserver(() => draw(one, colours())).observe(canvasBox);
  }
  const again = () => {
    const palette = colours();
    for (const one of drawn) draw(one, palette);
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
  contrast.addEventListener('change', again);
  addEventListener('beforeprint', again);
  addEventListener('afterprint', again);
}

start();
