/** The rules and what comes of them, in sentences. */
import { type Cap, type ContactRules } from '../../core/dispatch/contactRules';
import type { DryRun } from '../../core/dispatch/dryRun';

const named: Record<string, string> = {
	sms: 'SMS',
	email: 'E-mail',
	phone: 'Phone',
	letter: 'Letter',
	chat: 'Chat',
};
export const channelName = (channel: string) => named[channel] ?? channel;

const capWords = ({ messages, days }: Cap) =>
	`at most ${messages} in ${days === 1 ? 'a day' : `${days} days`}`;

/** One sentence per rule. */
export function rulesInWords(rules: ContactRules): string[] {
	const sentences: string[] = [];
	const held = rules.whenFull === 'hold' ? ' (then held back)' : '';
	for (const [channel, { quiet, caps, existingRelation, protectedPersons }] of Object.entries(
		rules.channels,
	)) {
		const name = channelName(channel);
		if (quiet) {
			const all = [quiet.weekends ? 'weekends' : '', quiet.holidays ? 'Norwegian holidays' : ''].filter(
				Boolean,
			);
			sentences.push(
				`${name}: quiet from ${quiet.from} to ${quiet.to} where the person is${all.length > 0 ? `, and all day on ${all.join(' and ')}` : ''}.`,
			);
		}
		for (const cap of caps) sentences.push(`${name}: ${capWords(cap)}${held}.`);
		if (existingRelation)
			sentences.push(`${name}: an existing relation stands in for consent; a no always stands.`);
		if (protectedPersons) sentences.push(`${name}: persons under address protection may be written to.`);
	}
	for (const cap of rules.caps) sentences.push(`All channels together: ${capWords(cap)}${held}.`);
	for (const [name, { caps }] of Object.entries(rules.classes))
		for (const cap of caps) sentences.push(`Journeys of class '${name}': ${capWords(cap)}${held}.`);
	if (rules.minutesBetween > 0)
		sentences.push(`At least ${rules.minutesBetween} minutes between two messages to one person.`);
	if (rules.quietForService) sentences.push('Service messages keep the quiet hours too.');
	return sentences;
}

const figure = (count: number) => new Intl.NumberFormat('nb').format(count);

/** `Of 12 431 people 9 870 would get it now, 300 later; 1 204 no consent, 40 deceased.` */
export function dryRunInWords({ people, now, later, reasons }: DryRun): string {
	const never = reasons.filter((reason) => !reason.later);
	const waits = reasons.filter((reason) => reason.later);
	const list = (some: DryRun['reasons']) =>
		some.map(({ words, people }) => `${figure(people)} ${words}`).join(', ');
	return [
		`Of ${figure(people)} people ${figure(now)} would get it now`,
		later > 0 ? `, ${figure(later)} later (${list(waits)})` : '',
		never.length > 0 ? `; ${list(never)}` : '',
		'.',
	].join('');
}
