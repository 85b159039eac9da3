import type { Draw } from "./draw.js";
import { animals, foods, people, places, sentence, things, type Animal, type Person } from "./words.js";

/** What a story is about. The count of things is the same in all lines, so that a model must remember it. */
interface Cast {
  readonly hero: Person;
  readonly friend: Person;
  readonly animal: Animal;
  readonly place: string;
  readonly things: string;
  readonly count: number;
}

type Line = (cast: Cast, draw: Draw) => string;

const openings: readonly Line[] = [
  ({ hero, animal }) => `${hero.name} had a little ${animal.one}.`,
  ({ hero, place }) => `One day, ${hero.name} went to the ${place}.`,
  ({ hero, friend, place }) => `${hero.name} and ${friend.name} were in the ${place}.`,
  ({ hero, place }, draw) =>
    `It was a ${draw.one(["sunny", "cold", "warm", "quiet"])} day. ${hero.name} was in the ${place}.`,
];

const middles: readonly Line[] = [
  ({ hero, things: what, count }) => `${hero.name} saw ${count} ${what}.`,
  ({ hero, things: what, count }) => `${hero.name} has ${count} ${what} now.`,
  ({ hero, things: what, count }) => `${hero.name} finds ${count} ${what}. ${hero.name} likes the ${count} ${what}.`,
  ({ friend, things: what, count }) => `${friend.name} has ${count} ${what} in a bag.`,
  ({ hero, friend, things: what, count }) => `${friend.name} gives ${count} ${what} to ${hero.name}.`,
  ({ animal, place, count }) => `There are ${count} ${animal.many} in the ${place}. All ${count} ${animal.many} sleep.`,
  ({ hero, things: what, count }) => `${hero.name} counts the ${what}: ${countTo(count)}. There are ${count} ${what}.`,
  ({ animal, hero }) => `The ${animal.one} runs to ${hero.name}. ${sentence(hero.he)} is happy.`,
  ({ friend, animal }, draw) =>
    `${friend.name} is ${draw.one(["tired", "glad", "sad"])}, but the ${animal.one} is not.`,
  ({ hero, friend, place }) => `"Come to the ${place}!" says ${hero.name}. ${friend.name} comes.`,
];

const endings: readonly Line[] = [
  ({ hero, place }) => `Then ${hero.name} left the ${place} and went home.`,
  ({ hero, friend, things: what, count }) => `${hero.name} told ${friend.name} about the ${count} ${what}.`,
  ({ hero, animal }) => `At night ${hero.name} and the ${animal.one} sleep.`,
  ({ hero, friend }) => `${hero.name} and ${friend.name} were good friends.`,
];

function countTo(count: number): string {
  return Array.from({ length: count }, (_, i) => i + 1).join(", ");
}

/** A short story in simple English about people, animals, places and numbers of things, without questions. */
export function generateStory(draw: Draw): { readonly text: string } {
  const [hero, friend] = draw.several(people, 2);
  const cast = {
    hero,
    friend,
    animal: draw.one(animals),
    place: draw.one(places),
    things: draw.one([...things, ...foods]),
    count: draw.number(2, 18),
  };
  const middle = draw.several(middles, draw.number(1, 2));
  return { text: [draw.one(openings), ...middle, draw.one(endings)].map((line) => line(cast, draw)).join(" ") };
}
