/** One run: people travel, processes are killed, the weather is bad; then calm, to the journey's end; then the books. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startSandbox } from '../sandbox/server';
import { cutProxy } from '../test/servers/cutProxy';
import { type Verdict, audit } from './books';
import { type Crowd, crowd, numberOf, phoneOf, registerOf } from './people';
import { type Chance, chance } from './random';
import type { Host, Scenario, Site, Victim } from './scenario';
import { places, readTables } from './tables';
import { badWeather, passingTime, turn, zoneNights } from './weather';

/** One line of JSON on standard output. */
export interface Line {
	run: number;
	scenario: string;
	seed: number;
	kills: number;
	/** Processes that ended by themselves because what they need was away, and were started again. */
	gaveUp: number;
	people: number;
	messages: number;
	lost: number;
	duplicated: number;
	unknown: number;
	stuck: number;
	balanced: boolean;
	night: keyof typeof zoneNights;
	jumps: number;
	faults: number;
	seconds: number;
}

export interface Wish {
	root: string;
	run: number;
	seed: number;
	kills?: number;
	people?: number;
	tell(line: string): void;
	/** Where the log of the host and the findings go when the books do not balance. */
	evidence?: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Of the sandbox's clock: longer than any lease. */
const PAST_LEASES = 125_000;
/** Of real time: so long without anybody getting anywhere is taken for a standstill. Long, since a trial shares its machine. */
const STANDSTILL = 5 * MINUTE;
const LONGEST_CALM = 25 * MINUTE;

/** Of the runs under way: how to end what they have started. */
const underWay = new Set<() => Promise<unknown>>();

/** From then on nothing is started again. */
let breakingOff = false;

/** Ends every process of the runs under way: somebody wants to break off. */
export async function breakOff(): Promise<void> {
	breakingOff = true;
	await Promise.allSettled([...underWay].map((end) => end()));
}

export async function play(
	scenario: Scenario,
	wish: Wish,
): Promise<Line & Pick<Verdict, 'findings' | 'exits' | 'reasons'>> {
	const began = Date.now();
	const random = chance(wish.seed);
	const people = wish.people ?? scenario.people;
	const night = random.branch('night').pick(['ordinary', 'spring', 'autumn'] as const);
	const folder = await mkdtemp(join(tmpdir(), 'member-journeys-chaos-'));
	const sandbox = await startSandbox({ clockStart: zoneNights[night] });
	const road = await cutProxy('127.0.0.1', Number(new URL(sandbox.url).port));
	let host: Host | undefined;
	const end = async () => {
		await host?.close();
		await road.close();
		await sandbox.close();
		await rm(folder, { recursive: true, force: true });
	};
	underWay.add(end);
	try {
		const site: Site = {
			root: wish.root,
			folder,
			sandbox,
			providers: `http://127.0.0.1:${road.port}`,
			register: registerOf(people),
			tell: wish.tell,
		};
		host = await scenario.up(site);
		const there = host;
		const members = crowd(site, there, people, random.branch('people'));
		const weather = badWeather(sandbox, road, random.branch('weather'));
		const time = passingTime(sandbox, there.runTakes, random.branch('time'));
		const service = keepUp([...there.others, ...there.victims], wish.tell);

		const kills = wish.kills ?? scenario.kills;
		const killed = await killing(
			there.victims,
			kills,
			scenario.gap,
			random.branch('kills'),
			service,
			wish.tell,
		);
		await weather.stop();
		await time.stop();
		await everybodyIn(members, there, people);
		await calm(there, site, people, service);
		// Answers and clicks of the last moment are told as well.
		await until(() => sandbox.world.outgoing.idle, 10_000);
		await members.stop();
		await turn(sandbox, { forwardMs: 10 * MINUTE });
		await pause(1_500);
		await service.stop();

		const phones = Array.from({ length: people }, (_, i) => phoneOf(i));
		const tables = await readTables(there.storeUrl);
		const verdict = audit(tables, sandbox, members.deeds, phones);
		if (!verdict.balanced) await keep(wish, scenario, there, verdict, tables);
		return {
			run: wish.run,
			scenario: scenario.name,
			seed: wish.seed,
			kills: killed,
			gaveUp: service.gaveUp(),
			people: verdict.people,
			messages: verdict.messages,
			lost: verdict.lost + Math.max(0, people - verdict.people),
			duplicated: verdict.duplicated,
			unknown: verdict.unknown,
			stuck: verdict.stuck,
			balanced: verdict.balanced && verdict.people === people,
			night,
			jumps: time.jumps,
			faults: Object.values(weather.ordered).reduce((sum, count) => sum + count, 0),
			seconds: Math.round((Date.now() - began) / 1_000),
			findings: verdict.findings,
			exits: verdict.exits,
			reasons: verdict.reasons,
		};
	} catch (cause) {
		wish.tell(`What the host said last:\n${host?.log().slice(-4_000) ?? ''}`);
		throw cause;
	} finally {
		underWay.delete(end);
		await end();
	}
}

interface Service {
	/** Kills it, and starts it again after so long. */
	restart(victim: Victim, downMs: number): Promise<void>;
	gaveUp(): number;
	stop(): Promise<void>;
}

/** Starts again what has ended by itself, as a service manager does. */
function keepUp(all: readonly Victim[], tell: (line: string) => void): Service {
	const busy = new Set<Victim>();
	let gaveUp = 0;
	let stopped = false;
	const unwell = new Map<Victim, number>();
	/** Not well at every look for so long: as the health check of a container does. */
	const hangs = async (one: Victim) => {
		if (!one.healthy || (await one.healthy())) return void unwell.delete(one);
		const since = unwell.get(one) ?? Date.now();
		unwell.set(one, since);
		return Date.now() - since > UNWELL_AT_MOST;
	};
	const watching = async () => {
		while (!stopped && !breakingOff) {
			for (const one of all) {
				if (busy.has(one) || breakingOff) continue;
				const dead = !one.alive();
				const hanging = !dead && (await hangs(one));
				if (busy.has(one) || (!dead && !hanging)) continue;
				busy.add(one);
				unwell.delete(one);
				gaveUp += 1;
				tell(`  ${one.name} ${dead ? 'has ended by itself' : 'is not well'} and is started again`);
				if (hanging) await one.kill();
				await one.revive().catch((cause: unknown) => tell(`  ${one.name}: ${String(cause).slice(0, 300)}`));
				busy.delete(one);
			}
			await pause(250);
		}
	};
	const watched = watching();
	return {
		async restart(victim, downMs) {
			while (busy.has(victim)) await pause(100);
			busy.add(victim);
			try {
				await victim.kill();
				await pause(downMs);
				if (breakingOff) throw new Error('Broken off.');
				// What it needs may be away at this moment; a service manager tries again.
				for (let tries = 1; ; tries += 1) {
					try {
						return await victim.revive();
					} catch (cause) {
						if (tries === 5) throw cause;
						await pause(1_000);
					}
				}
			} finally {
				busy.delete(victim);
			}
		},
		gaveUp: () => gaveUp,
		async stop() {
			stopped = true;
			await watched;
		},
	};
}

const UNWELL_AT_MOST = 45_000;
const LONGEST_DOWN_MS = 2_500;

async function killing(
	victims: readonly Victim[],
	kills: number,
	[shortest, longest]: readonly [number, number],
	random: Chance,
	service: Service,
	tell: (line: string) => void,
): Promise<number> {
	for (let kill = 1; kill <= kills; kill += 1) {
		await pause(random.between(shortest, longest));
		const victim = random.pick(victims);
		tell(`  kill -9 ${kill}/${kills}: ${victim.name}`);
		await service.restart(victim, random.of(0.5) ? 0 : random.between(50, LONGEST_DOWN_MS));
	}
	return kills;
}

async function everybodyIn(members: Crowd, host: Host, people: number): Promise<void> {
	const inside = async () =>
		new Set((await readTables(host.storeUrl)).enrolments.map((row) => row.member_number));
	const end = Date.now() + LONGEST_CALM;
	await until(() => members.allSent(), STANDSTILL);
	for (;;) {
		const there = await inside();
		const missing = Array.from({ length: people }, (_, i) => numberOf(i)).filter(
			(number) => !there.has(number),
		);
		if (missing.length === 0 || Date.now() > end) return;
		// Who was let in is not sent again: that they are missing is for the books.
		await members.sendIn(missing.filter((number) => !members.deeds.taken.has(number)));
		await pause(1_500);
	}
}

/** Lets the journey run to its end: past leases where a dead process held people, to the next due moment else. */
async function calm(host: Host, { sandbox, tell }: Site, people: number, service: Service): Promise<void> {
	const end = Date.now() + LONGEST_CALM;
	let before = '';
	let moved = Date.now();
	let still = 0;
	let held = 0;
	for (;;) {
		const now = await places(host.storeUrl);
		if (now.waiting + now.moving === 0 && now.out + now.stuck >= people) return;
		// Leases are renewed also where nobody gets anywhere.
		const picture = JSON.stringify({ ...now, leased: undefined });
		still = picture === before ? still + 1 : 0;
		if (picture !== before) moved = Date.now();
		before = picture;
		if (Date.now() > Math.min(end, moved + STANDSTILL)) {
			tell(`  not at its end, and nobody gets anywhere: ${picture}`);
			return;
		}
		// Only when nothing has moved for a while: a clock that runs ahead of those at work looks like their death.
		if (still * LOOK_EVERY >= (now.moving > 0 ? host.runTakes : WAITS_ONLY)) {
			const at = sandbox.world.clock.now();
			const next = now.moving > 0 ? (now.leased ?? at) : (now.due ?? at);
			held = now.moving > 0 ? held + 1 : 0;
			const main = held === HELD_LONG ? host.letGo?.() : undefined;
			if (main) {
				tell('  runs whose end was lost in the queue: the main is started again');
				await service.restart(main, 0);
			}
			await turn(sandbox, { forwardMs: Math.min(Math.max(next - at, PAST_LEASES), 3 * 24 * HOUR) });
			still = 0;
		}
		await pause(LOOK_EVERY);
	}
}

/** So many turns of the clock past leases, and people are still held. */
const HELD_LONG = 4;

const LOOK_EVERY = 300;
/** Nobody is under way, and nobody comes: time to turn the clock. */
const WAITS_ONLY = 1_200;

async function until(reached: () => boolean, withinMs: number): Promise<void> {
	const end = Date.now() + withinMs;
	while (!reached() && Date.now() < end) await pause(50);
}

async function keep(
	wish: Wish,
	scenario: Scenario,
	host: Host,
	verdict: Verdict,
	tables: unknown,
): Promise<void> {
	if (!wish.evidence) return;
	await mkdir(wish.evidence, { recursive: true });
	const name = join(wish.evidence, `${scenario.name}-${wish.seed}`);
	await writeFile(`${name}.log`, host.log());
	await writeFile(`${name}.json`, JSON.stringify({ verdict, tables }, null, '\t'));
}
