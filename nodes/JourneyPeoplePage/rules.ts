/** The contact rules as a form, a dry run on a saved segment, and what was not sent lately. */
import { createHash } from 'node:crypto';
import {
	type Cap,
	type ContactRules,
	hasContactRules,
	readContactRules,
	saveContactRules,
} from '../../core/dispatch/contactRules';
import { type DryRun, PEOPLE_AT_A_TIME, channels, dryRun } from '../../core/dispatch/dryRun';
import { countNotSent } from '../../core/dispatch/notSent';
import { getSegment, listSegments } from '../../core/segments/saved';
import { streamSegment } from '../../core/segments/segment';
import type { Receipt } from '../../core/step';
import { recommended, rulesIn, parameters } from '../ContactRules/form';
import { type Fragment, html } from './html';
import { choice } from './listForms';
import { type Visit, addressOf, number, pageOf, refusal } from './page';
import { rulesFrom } from './rulesForm';
import { type RulesWords, rulesWords } from './rulesWords';

/** A page is answered while somebody looks at it; the step takes its time for all. */
const MOST_TRIED = 100_000;
const DAYS_BACK = 30;
const DAY = 86_400_000;
export const RULES = addressOf({ show: 'rules' });

/** What the form was filled with: whoever saves it later must have seen what holds then. */
const markOf = (rules: ContactRules) => createHash('sha256').update(JSON.stringify(rules)).digest('hex');

export async function rules(visit: Visit, note: Fragment): Promise<Receipt> {
	const { store, words, seal, now } = visit;
	const own = rulesWords(words.language);
	const set = await hasContactRules(store.db);
	const stored = await readContactRules(store.db);
	const shown = set ? stored : rulesIn(parameters.parse({ operation: 'change', ...recommended }));
	return pageOf({
		words,
		heading: visit.heading,
		title: words.contactRules,
		body: [
			note,
			html`<h2>${words.contactRules}</h2>
				<p>${own.intro}</p>
				${!set && html`<div class="note"><p>${own.unset}</p></div>`}`,
			html`<form class="card" method="post" action="?">
				<fieldset ${visit.lookOnly && html`disabled`}>${fields(own, shown)}</fieldset>
				<input type="hidden" name="ticket" value="${seal.close('rules', markOf(stored), now)}" />
				${!visit.lookOnly && html`<div class="row"><button class="first" name="do" value="saveRules">${own.save}</button></div>`}
			</form>`,
			await dryRunForm(visit, own),
			await notSent(visit, own),
		],
	});
}

function fields(own: RulesWords, rules: ContactRules): Fragment {
	const classes = [...Object.entries(rules.classes), ['', { caps: [] }] as [string, { caps: Cap[] }]];
	return [
		channels.map((channel) => {
			const at = rules.channels[channel];
			const hours = at?.quiet && at.quiet.from !== at.quiet.to ? at.quiet : undefined;
			return html`<section>
				<h3>${own.channels[channel]}</h3>
				<div class="row">
					${field(own.quietFrom, `${channel}.from`, hours?.from, 'time')}
					${field(own.quietTo, `${channel}.to`, hours?.to, 'time')} ${capFields(own, channel, at?.caps[0])}
				</div>
				<p class="quiet">${own.quietHelp}</p>
				<p>
					${box(own.weekends, `${channel}.weekends`, at?.quiet?.weekends)}
					${box(own.holidays, `${channel}.holidays`, at?.quiet?.holidays)}
					${box(own.existingRelation, `${channel}.relation`, at?.existingRelation)}
					${box(own.protectedPersons, `${channel}.protected`, at?.protectedPersons)}
				</p>
			</section>`;
		}),
		html`<section>
			<h3>${own.together}</h3>
			<div class="row">
				${capFields(own, 'all', rules.caps[0])}
				${field(own.between, 'between', String(rules.minutesBetween), 'number')}
				${field(own.spread, 'spread', String(rules.spreadMinutes), 'number')}
			</div>
			<p>
				${own.whenFull}:
				${(['skip', 'hold'] as const).map(
					(full) =>
						html`<label class="choice"
							><input type="radio" name="full" value="${full}" ${rules.whenFull === full && html`checked`} />
							<span>${own[full]}</span></label
						>`,
				)}
			</p>
			<p>${box(own.service, 'service', rules.quietForService)}</p>
		</section>`,
		html`<section>
			<h3>${own.classes}</h3>
			<p class="quiet">${own.classesHelp}</p>
			${classes.map(
				([name, { caps }], place) =>
					html`<div class="row">
						${field(own.className, `class.${place}.name`, name)}${capFields(own, `class.${place}`, caps[0])}
					</div>`,
			)}
		</section>`,
		html`<section>
			<h3>${own.relation}</h3>
			<div class="row">
				${field(own.memberships, 'relation.memberships', rules.existingRelation.memberships.join(', '))}
				${field(own.months, 'relation.months', String(rules.existingRelation.gaveWithinMonths), 'number')}
				${field(own.purposes, 'relation.purposes', rules.existingRelation.purposes.join(', '))}
				${field(own.label, 'relation.label', rules.existingRelation.label)}
			</div>
		</section>`,
	];
}

const field = (label: string, name: string, value = '', type = 'text'): Fragment =>
	html`<label
		><span>${label}</span
		><input
			type="${type}"
			name="${name}"
			value="${value}"
			${type === 'number' && html`min="0"`}
			autocomplete="off"
	/></label>`;

const box = (label: string, name: string, on: boolean | undefined): Fragment =>
	html`<label class="choice"
		><input type="checkbox" name="${name}" ${on === true && html`checked`} /> <span>${label}</span></label
	> `;

const capFields = (own: RulesWords, name: string, cap: Cap | undefined): Fragment => [
	field(own.most, `${name}.most`, cap && String(cap.messages), 'number'),
	field(own.days, `${name}.days`, cap && String(cap.days), 'number'),
];

/** @returns undefined when the rules have been saved. */
export async function save(
	visit: Visit,
	form: URLSearchParams,
	ticket: unknown,
): Promise<Receipt | undefined> {
	const { store, words } = visit;
	const own = rulesWords(words.language);
	const before = await readContactRules(store.db);
	if (ticket !== markOf(before)) return refusal(words, 409, own.changedMeanwhile, own.changedWhy);
	const read = rulesFrom(form, before, own);
	if ('wrong' in read) return refusal(words, 400, own.wrong(read.wrong), own.wrongWhy);
	await saveContactRules(store, read.rules);
	return undefined;
}

async function dryRunForm(visit: Visit, own: RulesWords): Promise<Fragment> {
	const names = await listSegments(visit.store);
	if (names.length === 0)
		return html`<section>
			<h2>${own.dryRun}</h2>
			<p class="quiet">${own.noSegments}</p>
		</section>`;
	return html`<form class="card" method="post" action="?">
		<h2>${own.dryRun}</h2>
		<p>${own.dryRunHelp}</p>
		<div class="row">
			${choice(
				own.segment,
				'segment',
				undefined,
				names.map((name) => ({ value: name, text: name })),
			)}
			${choice(
				own.channel,
				'channel',
				undefined,
				channels.map((channel) => ({ value: channel, text: own.channels[channel] })),
			)}
			${field(own.purpose, 'purpose', 'marketing')} ${field(own.className, 'class')}
			<input type="hidden" name="ticket" value="${visit.seal.close('dryRun', {}, visit.now)}" />
			<button name="do" value="dryRun">${own.tryIt}</button>
		</div>
	</form>`;
}

class Enough extends Error {}

export async function tryOut(visit: Visit, form: URLSearchParams): Promise<Receipt> {
	const { store, words, now, zone } = visit;
	const own = rulesWords(words.language);
	const channel = channels.find((one) => one === form.get('channel')) ?? 'sms';
	const definition = await getSegment(store, form.get('segment') ?? '');
	let looked = 0;
	let whole = true;
	const result = await dryRun(
		store,
		{
			channel,
			purpose: (form.get('purpose') ?? '').trim(),
			class: (form.get('class') ?? '').trim(),
			now,
			zone,
		},
		(each) =>
			streamSegment(
				store,
				definition,
				now,
				PEOPLE_AT_A_TIME,
				async (ids) => {
					if (looked >= MOST_TRIED) throw new Enough();
					looked += ids.length;
					await each(ids);
				},
				zone,
			).catch((cause: unknown) => {
				if (!(cause instanceof Enough)) throw cause;
				whole = false;
			}),
	);
	return pageOf({
		words,
		heading: visit.heading,
		title: own.dryRun,
		body: html`<section>
				<h2>${form.get('segment')} · ${own.channels[channel]}</h2>
				<p><strong>${own.outcome(number(visit, result.people), number(visit, result.now))}</strong></p>
				${reasons(visit, own, result)}
				${!whole && html`<p class="quiet">${own.firstOf(number(visit, looked))}</p>`}
			</section>
			<p><a href="${RULES}">${own.back}</a></p>`,
	});
}

function reasons(visit: Visit, own: RulesWords, { reasons }: DryRun): Fragment {
	if (reasons.length === 0) return '';
	return html`<div class="wide">
		<table>
			<thead>
				<tr>
					<th scope="col">${own.reason}</th>
					<td></td>
					<th scope="col" class="n">${own.people}</th>
				</tr>
			</thead>
			<tbody>
				${reasons.map(
					({ code, later, people }) =>
						html` <tr>
							<th scope="row">${own.codes[code] ?? own.otherReason}</th>
							<td>${later ? own.later : own.never}</td>
							<td class="n">${number(visit, people)}</td>
						</tr>`,
				)}
			</tbody>
		</table>
	</div>`;
}

async function notSent(visit: Visit, own: RulesWords): Promise<Fragment> {
	const rows = await countNotSent(visit.store, visit.now - DAYS_BACK * DAY);
	const { words } = visit;
	return html`<section>
		<h2>${own.notSent}</h2>
		${
			rows.length === 0
				? html`<p class="quiet">${own.nothing}</p>`
				: html`<div class="wide">
						<table>
							<thead>
								<tr>
									<th scope="col">${words.step}</th>
									<th scope="col">${words.journey}</th>
									<th scope="col">${own.channel}</th>
									<th scope="col">${own.reason}</th>
									<th scope="col" class="n">${own.messages}</th>
								</tr>
							</thead>
							<tbody>
								${rows.map(
									(row) =>
										html` <tr>
											<th scope="row">${row.stepName || own.outside}</th>
											<td>${row.journeyName}</td>
											<td>${words.values[row.channel] ?? row.channel}</td>
											<td>${own.codes[row.code] ?? own.otherReason}</td>
											<td class="n">${number(visit, row.messages)}</td>
										</tr>`,
								)}
							</tbody>
						</table>
					</div>`
		}
	</section>`;
}
