/** The rules as the page's form sends them, and back. */
import { type Cap, type ContactRules, contactRules } from '../../core/dispatch/contactRules';
import { channels } from '../../core/dispatch/dryRun';
import { timeOfDay } from '../../core/journeys/quiet';
import type { RulesWords } from './rulesWords';

/**
 * The rules that the form says, or the first field that does not read, as the form shows it. What has no place in the form
 * (a second cap for the same thing) stays as it was in `before`.
 */
export function rulesFrom(
	form: URLSearchParams,
	before: ContactRules,
	words: RulesWords,
): { rules: ContactRules } | { wrong: string } {
	const wrong: string[] = [];
	const text = (name: string) => (form.get(name) ?? '').trim();
	const whole = (name: string, shown: string, least: number, most: number): number => {
		const value = Number(text(name) || least);
		if (Number.isInteger(value) && value >= least && value <= most) return value;
		wrong.push(shown);
		return least;
	};
	const time = (name: string, shown: string): string => {
		const read = timeOfDay.safeParse(text(name));
		if (read.success) return read.data;
		wrong.push(shown);
		return '00:00';
	};
	const caps = (name: string, shown: string, known: readonly Cap[]): Cap[] => {
		const rest = known.slice(1);
		if (text(`${name}.most`) === '') return rest;
		return [
			{
				messages: whole(`${name}.most`, `${shown}: ${words.most}`, 1, 1_000),
				days: whole(`${name}.days`, `${shown}: ${words.days}`, 1, 366),
			},
			...rest,
		];
	};
	const listed = (name: string) =>
		text(name)
			.split(',')
			.map((part) => part.trim())
			.filter((part) => part !== '');

	const byChannel: Record<string, object> = { ...before.channels };
	for (const channel of channels) {
		const shown = words.channels[channel];
		const weekends = form.has(`${channel}.weekends`);
		const holidays = form.has(`${channel}.holidays`);
		const hours = text(`${channel}.from`) !== '' || text(`${channel}.to`) !== '';
		const quiet = hours
			? {
					from: time(`${channel}.from`, `${shown}: ${words.quietFrom}`),
					to: time(`${channel}.to`, `${shown}: ${words.quietTo}`),
				}
			: { from: '00:00', to: '00:00' };
		byChannel[channel] = {
			...(hours || weekends || holidays ? { quiet: { ...quiet, weekends, holidays } } : {}),
			caps: caps(channel, shown, before.channels[channel]?.caps ?? []),
			existingRelation: form.has(`${channel}.relation`),
			protectedPersons: form.has(`${channel}.protected`),
		};
	}
	const classes: Record<string, { caps: Cap[] }> = {};
	for (let place = 0; form.has(`class.${place}.name`); place += 1) {
		const name = text(`class.${place}.name`);
		if (name !== '') classes[name] = { caps: caps(`class.${place}`, name, before.classes[name]?.caps ?? []) };
	}
	const rules = contactRules.parse({
		channels: byChannel,
		caps: caps('all', words.together, before.caps),
		classes,
		whenFull: form.get('full') === 'hold' ? 'hold' : 'skip',
		minutesBetween: whole('between', words.between, 0, 10_080),
		spreadMinutes: whole('spread', words.spread, 0, 1_440),
		quietForService: form.has('service'),
		existingRelation: {
			memberships: listed('relation.memberships'),
			gaveWithinMonths: whole('relation.months', words.months, 0, 120),
			purposes: listed('relation.purposes'),
			label: text('relation.label'),
		},
	});
	return wrong[0] === undefined ? { rules } : { wrong: wrong[0] };
}
