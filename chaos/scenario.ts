/** What a scenario brings: real processes to kill, and a journey that runs on them. */
import type { Sandbox } from '../sandbox/server';

/** One process, or several that die together. */
export interface Victim {
	name: string;
	/** kill -9, at this moment. */
	kill(): Promise<void>;
	/** Starts it again on what it left behind, as a service manager does. */
	revive(): Promise<void>;
	/** False when it has ended without having been killed: some give up when what they need is away. */
	alive(): boolean;
	/** What a health check is told; left out where none is asked for. */
	healthy?(): Promise<boolean>;
}

/** The host under trial, with the journey of `journey.ts` deployed and running. */
export interface Host {
	/** Where the journeys are kept, for the check of the books. */
	storeUrl: string;
	/** Takes people in: a POST of `{ items: [{ memberNumber }] }`. */
	enrolUrl: string;
	/** Takes gifts: the same body. */
	giftUrl: string;
	/** A 200 of `enrolUrl` means that the people are in the journey. */
	acknowledges: boolean;
	/**
	 * Milliseconds that a run takes here at most, on a busy machine. The clock is not turned faster: it would run ahead of
	 * leases, which are renewed in real time, and make the living look dead.
	 */
	runTakes: number;
	/** Those that are killed. */
	victims: Victim[];
	/** Everything that must run: revived when it has ended by itself. */
	others: Victim[];
	/**
	 * n8n in queue mode vouches for half an hour for a run whose end the queue has lost: started again, it lets go of it at
	 * once, and the trial need not wait.
	 */
	letGo?(): Victim;
	log(): string;
	close(): Promise<void>;
}

/** Where a run takes place. */
export interface Site {
	/** Of this repository. */
	root: string;
	/** Empty, and taken away after the run. */
	folder: string;
	sandbox: Sandbox;
	/** The sandbox by way of a connection that can be cut. */
	providers: string;
	/** CSV of the members. */
	register: string;
	tell(line: string): void;
}

export interface Scenario {
	name: string;
	/** What is killed, in words. */
	what: string;
	/** In a full run. */
	runs: number;
	kills: number;
	people: number;
	/** Milliseconds from one kill (or the end of the revival) to the next. */
	gap: readonly [number, number];
	up(site: Site): Promise<Host>;
}
