/** The people of a list as a file, a page of them at a time: nobody has to fit into memory together. */
import { listPeople } from '../../core/journeys/people';
import { peopleCsv } from '../../core/journeys/peopleCsv';
import type { PeopleFilter } from '../../core/journeys/whereabouts';
import type { Receipt } from '../../core/step';
import { DateTime } from 'luxon';
import { type Visit, download } from './page';

const AT_A_TIME = 1_000;

export function csvOf(visit: Visit, filter: PeopleFilter): Receipt {
	const day = DateTime.fromMillis(visit.now, { zone: visit.zone }).toFormat('yyyy-MM-dd');
	return download(`journey-people-${day}.csv`, 'text/csv; charset=utf-8', rows(visit, filter));
}

async function* rows({ store, now, zone }: Visit, filter: PeopleFilter): AsyncGenerator<string> {
	let after: string | undefined;
	let header = true;
	do {
		const page = await listPeople(store, now, filter, { after, limit: AT_A_TIME });
		yield peopleCsv(page.people, zone, { header });
		header = false;
		after = page.next;
	} while (after !== undefined);
}
