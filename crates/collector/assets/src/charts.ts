// Draws the charts. A page is whole without this file: every chart's numbers stand in the table under it.
//
// Each `.chart` holds its numbers as JSON; colours come from the style sheet's variables, so that light, dark and print
// need no second palette here. Nothing is fetched, and no style is written into the page but by the charts' own canvas.
import * as echarts from "echarts/core";
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

type Series = { name: string; values: (number | null)[] };
type Chart = {
  form: "stacked-columns" | "lines" | "stacked-bars";
  unit: string;
  labels: string[];
  series: Series[];
  tones: "categories" | "ordered" | "states";
};
type Colours = {
  ink: string;
  quiet: string;
  line: string;
  paper: string;
  other: string;
  series: string[];
  states: string[];
  oldest: string;
  newest: string;
  font: string;
};
type Drawn = { box: HTMLElement; chart: Chart; canvas: echarts.ECharts };

const DASHES: (string | number[])[] = ["solid", [6, 3], [2, 2], [10, 3, 2, 3], [4, 4], [1, 3], "solid"];
const MARKS = ["circle", "triangle", "rect", "diamond", "emptyCircle", "emptyTriangle", "emptyRect"];
// Patterns laid over areas, so that neighbours differ without their colour too; none on the first.
const PATTERNS = [
  null,
  { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [1.5, 5], rotation: Math.PI / 4 },
  { symbol: "circle", dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [5, 0], symbolSize: 0.5 },
  { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [1.5, 5], rotation: -Math.PI / 4 },
  { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [1.5, 4] },
  { symbol: "rect", dashArrayX: [1.5, 4], dashArrayY: [1, 0] },
  { symbol: "rect", dashArrayX: [[4, 4], [0, 4, 4, 0]], dashArrayY: [2, 3], symbolSize: 0.6 },
];

function colours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    ink: read("--ink"),
    quiet: read("--ink-quiet"),
    line: read("--line"),
    paper: read("--paper"),
    other: read("--series-other"),
    series: [1, 2, 3, 4, 5, 6, 7].map((place) => read(`--series-${place}`)),
    states: [1, 2, 3].map((place) => read(`--state-${place}`)),
    oldest: read("--ramp-oldest"),
    newest: read("--ramp-newest"),
    font: getComputedStyle(document.body).fontFamily,
  };
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16));
}

function between(from: string, to: string, share: number): string {
  const [start, end] = [channels(from), channels(to)];
  const mixed = start.map((value, place) => Math.round(value + ((end[place] ?? value) - value) * share));
  return `rgb(${mixed.join(",")})`;
}

function tone(chart: Chart, place: number, palette: Colours): string {
  const name = chart.series[place]?.name;
  if (chart.tones === "states") return palette.states[place % palette.states.length] ?? palette.other;
  if (name === "Other") return palette.other;
  if (chart.tones === "ordered") {
    return between(palette.oldest, palette.newest, place / Math.max(1, chart.series.length - 1));
  }
  const first = chart.series[0]?.name === "Other" ? 1 : 0;
  return palette.series[(place - first) % palette.series.length] ?? palette.other;
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

// The tooltip is made of elements with classes: the page's security policy lets no style stand in markup.
function tooltip(chart: Chart, items: { seriesIndex: number; dataIndex: number }[]): HTMLElement {
  const box = document.createElement("div");
  box.className = "tip";
  const title = box.appendChild(document.createElement("p"));
  title.textContent = chart.labels[items[0]?.dataIndex ?? 0] ?? "";
  const table = box.appendChild(document.createElement("table"));
  const ordered = chart.form === "stacked-columns" ? [...items].reverse() : items;
  let total = 0;
  for (const item of ordered) {
    const series = chart.series[item.seriesIndex];
    const value = series?.values[item.dataIndex];
    if (value === null || value === undefined) continue;
    total += value;
    if (value === 0 && chart.series.length > 4) continue;
    row(table, series?.name ?? "", whole.format(value));
  }
  if (chart.form !== "lines" && chart.series.length > 1) row(table, "Total", whole.format(total)).className = "total";
  return box;
}

function row(table: HTMLTableElement, name: string, value: string): HTMLTableRowElement {
  const line = table.insertRow();
  line.insertCell().textContent = name;
  line.insertCell().textContent = value;
  return line;
}

function options(chart: Chart, width: number, palette: Colours): echarts.EChartsCoreOption {
  const bars = chart.form === "stacked-bars";
  const lines = chart.form === "lines";
  const text = { color: palette.quiet, fontFamily: palette.font, fontSize: 12 };
  const names = {
    type: "category",
    data: chart.labels,
    inverse: bars,
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
    axisLabel: {
      ...text,
      hideOverlap: true,
      ...(bars ? { width: Math.min(190, width * 0.34), overflow: "truncate", interval: 0, color: palette.ink } : {}),
    },
    boundaryGap: !lines,
  };
  const values = {
    type: "value",
    minInterval: lines ? undefined : 1,
    scale: lines && chart.unit.includes("= 100"),
    splitNumber: 4,
    axisLabel: { ...text, formatter: (value: number) => whole.format(value) },
    splitLine: { lineStyle: { color: palette.line } },
  };
  const single = chart.series.length === 1;
  return {
    animation: false,
    textStyle: { fontFamily: palette.font },
    aria: { enabled: false },
    grid: { left: 4, right: lines ? 12 : 16, top: single ? 12 : 40, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: single
      ? undefined
      : {
          type: "scroll",
          left: 0,
          top: 0,
          icon: lines ? undefined : "rect",
          itemWidth: lines ? 26 : 14,
          itemHeight: lines ? 10 : 12,
          itemGap: 16,
          textStyle: { ...text, color: palette.ink },
          inactiveColor: palette.line,
          pageIconColor: palette.ink,
          pageTextStyle: text,
        },
    tooltip: {
      trigger: "axis",
      axisPointer: lines
        ? { type: "line", lineStyle: { color: palette.quiet } }
        : { type: "shadow", shadowStyle: { color: palette.ink, opacity: 0.06 } },
      className: "tip-frame",
      confine: true,
      formatter: (items: unknown) =>
        tooltip(chart, (Array.isArray(items) ? items : [items]) as { seriesIndex: number; dataIndex: number }[]),
    },
    xAxis: bars ? values : names,
    yAxis: bars ? names : values,
    series: chart.series.map((series, place) => (lines ? line(chart, series, place, palette) : bar(chart, series, place, palette))),
  };
}

function line(chart: Chart, series: Series, place: number, palette: Colours): object {
  return {
    type: "line",
    name: series.name,
    data: series.values,
    color: tone(chart, place, palette),
    lineStyle: { width: 2, type: DASHES[place % DASHES.length] },
    symbol: MARKS[place % MARKS.length],
    symbolSize: 6,
    showAllSymbol: "auto",
    emphasis: { focus: "series" },
  };
}

function bar(chart: Chart, series: Series, place: number, palette: Colours): object {
  const single = chart.series.length === 1;
  const pattern = chart.tones === "ordered" ? null : PATTERNS[place % PATTERNS.length];
  return {
    type: "bar",
    name: series.name,
    data: series.values,
    stack: "all",
    color: tone(chart, place, palette),
    barMaxWidth: 26,
    barCategoryGap: chart.form === "stacked-bars" ? "34%" : "22%",
    itemStyle: {
      borderColor: palette.paper,
      borderWidth: single ? 0 : 0.75,
      decal: pattern && !single ? { ...pattern, color: palette.paper + "66" } : undefined,
    },
    label: single
      ? {
          show: true,
          position: "right",
          color: palette.ink,
          fontFamily: palette.font,
          formatter: (item: { value: number }) => whole.format(item.value),
        }
      : undefined,
  };
}

function draw(one: Drawn, palette: Colours): void {
  const settings = options(one.chart, one.box.clientWidth, palette);
  one.canvas.setOption(settings, { notMerge: true });
}

function start(): void {
  const drawn: Drawn[] = [];
  for (const box of document.querySelectorAll<HTMLElement>(".chart")) {
    const numbers = box.querySelector("script[type='application/json']")?.textContent;
    const canvasBox = box.querySelector<HTMLElement>(".canvas");
    if (!numbers || !canvasBox) continue;
    const chart = JSON.parse(numbers) as Chart;
    box.classList.add("drawn");
    if (chart.form === "stacked-bars") box.dataset["rows"] = String(Math.min(20, Math.max(2, chart.labels.length)));
    const one = { box: canvasBox, chart, canvas: echarts.init(canvasBox, null, { renderer: "canvas" }) };
    drawn.push(one);
    draw(one, colours());
    new ResizeObserver(() => one.canvas.resize()).observe(canvasBox);
  }
  const again = () => {
    const palette = colours();
    for (const one of drawn) draw(one, palette);
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  addEventListener("beforeprint", again);
  addEventListener("afterprint", again);
}

start();
