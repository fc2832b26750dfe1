/** Everyday and short forms of Norwegian given names. A line: forms that one and the same person may go by. */
import { fold } from './fold';

const LINES = `
aleksander alexander alex aleks sander
anders andreas andre
andrine andrea
anette annette nette
ann anne anna anni annie
anne-lise annelise lise
annemarie mia
astrid asta
aud audhild
arnfinn arne
arnstein arne
asbjorn asbjørn bjorn
benedikte bente benedicte
bente bendikte
berit birgit birgitte
bernt bernhard
bjorn bjørn bjornar bjørnar
bjorg bjørg
christian kristian krister chris kris
christina kristina kristine christine stine kine tina kristin kris
christoffer kristoffer kris chris
cecilie cille sissel silje
charlotte lotte
daniel dan danni
dagfinn dag
david dave
dorthe dorthea thea dorte
edvard eddie edward
eirik erik eric erick
elin eline
elisabeth elizabeth lisbeth lisbet lise lisa betty bette else elise liss
ellen elen eleonora elinor
emilie emily emmi
endre endrik
eva eve
eivind øyvind eyvind
fredrik fred fredrick
geir geirr
georg jorgen jørgen george
gerd gerda
grethe grete margrethe margreta greta
gro groa
gudrun gunn
gunnar gunni
gunhild gunnhild gunn
guro gudrun
hanne hanna johanne johanna hannah
hans johannes
havard håvard
helena helene elene lene
helge hege
henrik henrich
henriette jette
hildegunn hilde hildur
ida idun
inger inga ingrid inge
ingebjorg ingebjørg inga bjørg
ingvild ingvill
isabella isabel bella
jacob jakob
jan johan johannes jon john
jonas jone jonatan jonathan
jorunn jorun
josefine josephine fina
julie juliane julia
kai kaj kay
karen kari karin katrine
karianne kari
karl carl kalle
kaspar casper kasper
katarina katharina katrine cathrine catharina trine kate kathrine katrin cathrin catrine
kjersti kirsten kirsti kjerstin
klara clara
konrad conrad
lars lasse
laila leila
lillian lilly
linn linnea
lucas lukas
magdalena malene lena
magnhild magni
magnus mange magne
malin malene
margaret marit margit mette margareta margot
maria marie mari mia maja
marianne janne
markus marcus
martin marthin morten
martine martha marte marthe
mathias mattias matias mats
mathilde matilde tilde tilla
michael mikael mikkel mike mikal
mohammad mohammed muhammad muhammed mohamed mohamad
monica monika
nicolai nikolai niko nico klaus
nils niels nikolas
oda odd
olaf olav ola ole oluf
oscar oskar
oystein øystein eystein
oyvind øyvind
paal pål paul
per peder petter peter pelle pedro
philip filip fillip phillip
ragnhild ragni
ragnvald ragnar
randi ragnhild
rebecca rebekka becca
reidar reidun
richard rikard rick
robert robin rob
roar roger
roald rolf
roy rolf
rune runar
samuel sam
sebastian bastian seb
sigbjorn sigbjørn bjørn
sigrid siri
sigurd sjur
simen simon
sofie sophie sofia sophia fie
solveig solvei sol
stefan steffen stephan stefen
stein steinar
susanne suzanne sanne susann
svein sven svend sveinung
synnove synnøve
terese therese
theodor teodor teo theo
thomas tomas tom tommy
tone torunn torill
tor thor tore
torbjorn torbjørn thorbjørn
torgeir tor
torill toril thorill
torleif thorleif leif
torstein torsten thorstein
trond tron
unni unn
valborg vally
veronica veronika
victor viktor
victoria viktoria vicky
vilhelm wilhelm willy ville william
viggo vigo
vivian vivi
wenche vence
yngvar yngve
aashild åshild
aase åse
`;

const related = new Map<string, ReadonlySet<string>>();
for (const line of LINES.trim().split('\n')) {
	const forms = [...new Set(line.split(' ').map(fold))];
	for (const form of forms) {
		const known = related.get(form) ?? new Set<string>();
		related.set(form, new Set([...known, ...forms.filter((other) => other !== form)]));
	}
}

/** Both folded. */
export function isNickname(a: string, b: string): boolean {
	return related.get(a)?.has(b) ?? false;
}

const NONE: ReadonlySet<string> = new Set();

/** Other forms of a folded given name; empty for most. */
export function nicknamesOf(folded: string): ReadonlySet<string> {
	return related.get(folded) ?? NONE;
}
