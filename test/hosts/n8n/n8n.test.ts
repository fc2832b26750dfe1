/** The packed package in one real n8n: its types, a journey, what it refuses and how, and its face in the editor. */
import { badDays } from './bad-days';
import { declared } from '../../packages/declared';
import { editor } from './editor';
import { edits } from './edits';
import { calls, gifts, givers, letters } from './handoffs';
import { journey } from './journey';
import { people } from './people';
import { peoplePage } from './peoplePage';
import { type RealN8n, START_WITHIN_MS, realN8n } from './realN8n';
import { personLife } from './personLife';
import { quiet } from './quiet';
import { refusals } from './refusals';
import { talk } from './talk';

const register = [
	'Medlemsnummer;Fornavn;Etternavn;E-post;Mobil;Status;Samtykke e-post;Samtykke SMS',
	'101;Kari;Eksempel;kari@example.org;+4740000101;Aktiv;Ja;Ja',
	'102;Ola;Eksempel;ola@example.org;+4740000102;Aktiv;Ja;Ja',
	'103;Nils;Prøve;nils@example.org;+4740000103;Aktiv;Ja;Ja',
	'104;Åse;Prøve;ase@example.org;+4740000104;Aktiv;Ja;Ja',
	'105;Per;Testmann;per@example.org;+4740000105;Aktiv;Ja;Ja',
	'106;Eva;Testmann;eva@example.org;+4740000106;Aktiv;Ja;Ja',
].join('\n');

let real: RealN8n;
beforeAll(async () => {
	real = await realN8n(register);
}, START_WITHIN_MS);
afterAll(async () => real?.close());
const current = () => real;

test('n8n lists every step of the package', async () => {
	const types = await real.api.nodeTypes();
	const ours = types.filter((type) => type.startsWith('n8n-nodes-member-journeys.'));
	const wanted = (await declared()).nodes.map(
		({ description }) => `n8n-nodes-member-journeys.${description.name}`,
	);
	// Those that an AI agent may use come a second time.
	expect(ours.filter((type) => !type.endsWith('Tool')).sort()).toEqual(wanted.sort());
});

journey(current);
personLife(current);
refusals(current);
badDays(current);
peoplePage(current);
people(current);
edits(current);
editor(current);
talk(current);
// Last: they turn the clock by months.
letters(current);
calls('adversus', current);
gifts(current);
givers(current);
quiet(current);
