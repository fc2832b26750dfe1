/** How likely it was said to be, and how often it was so, as a picture. */
import { init } from 'echarts';
import type { CalibrationBin } from './judge';

/** One line for each series; both axes are stretched towards 1 and 0, where decisions are made. SVG. */
export function calibrationPicture(series: Record<string, readonly CalibrationBin[]>): string {
	const chart = init(null, null, { renderer: 'svg', ssr: true, width: 760, height: 520 });
	const shown = [0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999];
	const axis = {
		type: 'value' as const,
		min: stretched(0.0005),
		max: stretched(0.99995),
		nameLocation: 'middle' as const,
		axisLabel: { customValues: shown.map(stretched), formatter: (at: number) => percent(unstretched(at)) },
		axisTick: { customValues: shown.map(stretched) },
		axisLine: { show: true, onZero: false },
		splitLine: { show: false },
	};
	const names = Object.keys(series);
	const colours = ['#1f6f8b', '#d1603d', '#6a994e'];
	chart.setOption({
		animation: false,
		backgroundColor: '#ffffff',
		textStyle: { fontFamily: 'Arial, sans-serif' },
		legend: { top: 8, data: [...names, 'as said'] },
		grid: { left: 80, right: 30, top: 50, bottom: 60 },
		xAxis: { ...axis, name: 'said: probability of the best candidate', nameGap: 34 },
		yAxis: { ...axis, name: 'so: share of them that was right', nameGap: 58 },
		series: [
			{
				name: 'as said',
				type: 'line',
				showSymbol: false,
				lineStyle: { type: 'dashed', color: '#999999', width: 1 },
				itemStyle: { color: '#999999' },
				data: [axis.min, axis.max].map((at) => [at, at]),
			},
			...names.flatMap((name, i) => {
				const bins = series[name]!.filter((bin) => bin.n >= 20);
				const colour = colours[i % colours.length]!;
				return [
					{
						name,
						type: 'line' as const,
						symbolSize: 7,
						lineStyle: { color: colour, width: 1.5 },
						itemStyle: { color: colour },
						data: bins.map((bin) => [stretched(bin.said), stretched(bin.was)]),
					},
					...bins.map((bin) => ({
						name: `${name}: interval`,
						type: 'line' as const,
						showSymbol: false,
						lineStyle: { color: colour, width: 1, opacity: 0.6 },
						data: [bin.low, bin.high].map((value) => [stretched(bin.said), stretched(value)]),
					})),
				];
			}),
		],
	});
	const svg = chart.renderToSVGString();
	chart.dispose();
	return svg;
}

/** Log odds, so that 99 % and 99.9 % lie as far apart as 90 % and 99 %. */
function stretched(share: number): number {
	const within = Math.min(0.99995, Math.max(0.0005, share));
	return Math.log10(within / (1 - within));
}

const unstretched = (at: number) => 1 / (1 + 10 ** -at);

const percent = (share: number) => `${Number((share * 100).toPrecision(share > 0.9 ? 4 : 2))} %`;
