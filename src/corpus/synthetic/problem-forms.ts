import type { Draw } from "./draw.js";
import { calculate, type Problem } from "./problem.js";
import { animals, foods, people, places, sentence, things } from "./words.js";

type Form = (draw: Draw) => Problem;

const belongings = [...things, ...foods];

// No number is 1, so that every noun is plural.

/** Two numbers from 2 to 9. */
function drawSum(draw: Draw): [number, number] {
  return [draw.number(2, 9), draw.number(2, 9)];
}

/** A number from 4 to 9, and a smaller one; both the smaller one and the difference are at least 2. */
function drawDifference(draw: Draw): [number, number] {
  const whole = draw.number(4, 9);
  return [whole, draw.number(2, whole - 2)];
}

const gains: Form = (draw) => {
  const [[hero, friend], what, [a, b]] = [draw.several(people, 2), draw.one(belongings), drawSum(draw)];
  const story = `${hero.name} has ${a} ${what}. ${friend.name} gives ${hero.him} ${b} more.`;
  const question = `${story} How many ${what} does ${hero.name} have now?`;
  return { question, subject: `${hero.name} has`, steps: [calculate(a, "+", b)], object: what, things: what };
};

const finds: Form = (draw) => {
  const [hero, what, place, [a, b]] = [draw.one(people), draw.one(belongings), draw.one(places), drawSum(draw)];
  const story = `${hero.name} finds ${a} ${what} in the ${place}. Then ${hero.he} finds ${b} more.`;
  const question = `${story} How many ${what} does ${hero.name} have now?`;
  return { question, subject: `${hero.name} has`, steps: [calculate(a, "+", b)], object: what, things: what };
};

const together: Form = (draw) => {
  const [[hero, friend], what, [a, b]] = [draw.several(people, 2), draw.one(belongings), drawSum(draw)];
  const question = `${hero.name} has ${a} ${what} and ${friend.name} has ${b}. How many ${what} do they have together?`;
  return { question, subject: "They have", steps: [calculate(a, "+", b)], object: what, things: what };
};

const join: Form = (draw) => {
  const [{ many }, place, hero, [a, b]] = [draw.one(animals), draw.one(places), draw.one(people), drawSum(draw)];
  const story = `${hero.name} sees ${a} ${many} in the ${place}. Then ${b} more come.`;
  const question = `${story} How many ${many} are there now?`;
  return { question, subject: "There are", steps: [calculate(a, "+", b)], object: many, things: many };
};

const gives: Form = (draw) => {
  const [[hero, friend], what, [a, b]] = [draw.several(people, 2), draw.one(belongings), drawDifference(draw)];
  const story = `${hero.name} has ${a} ${what}. ${sentence(hero.he)} gives ${b} to ${friend.name}.`;
  const question = `${story} How many ${what} are left?`;
  return { question, subject: "There are", steps: [calculate(a, "-", b)], object: `${what} left`, things: what };
};

const eats: Form = (draw) => {
  const [[hero, friend], what, [a, b]] = [draw.several(people, 2), draw.one(foods), drawDifference(draw)];
  const question = `${hero.name} and ${friend.name} have ${a} ${what}. They eat ${b}. How many ${what} are left?`;
  return { question, subject: "There are", steps: [calculate(a, "-", b)], object: `${what} left`, things: what };
};

const leave: Form = (draw) => {
  const [{ many }, place, hero, [a, b]] = [draw.one(animals), draw.one(places), draw.one(people), drawDifference(draw)];
  const question = `${hero.name} sees ${a} ${many} in the ${place}. Then ${b} run away. How many ${many} are left?`;
  return { question, subject: "There are", steps: [calculate(a, "-", b)], object: `${many} left`, things: many };
};

const doubles: Form = (draw) => {
  const [[hero, friend], what, a] = [draw.several(people, 2), draw.one(belongings), draw.number(2, 9)];
  const story = `${hero.name} has ${a} ${what}. ${friend.name} has twice as many.`;
  const question = `${story} How many ${what} does ${friend.name} have?`;
  return { question, subject: `${friend.name} has`, steps: [calculate(2, "*", a)], object: what, things: what };
};

const gainsAndGives: Form = (draw) => {
  const [[hero, friend], what, a, b] = [
    draw.several(people, 2),
    draw.one(belongings),
    draw.number(2, 5),
    draw.number(2, 4),
  ];
  const c = draw.number(2, a + b - 2);
  const story = `${hero.name} has ${a} ${what}. ${sentence(hero.he)} finds ${b} more and gives ${c} to ${friend.name}.`;
  const question = `${story} How many ${what} are left?`;
  const steps = [calculate(a, "+", b), calculate(a + b, "-", c)];
  return { question, subject: "There are", steps, object: `${what} left`, things: what };
};

export const problemForms: readonly Form[] = [gains, finds, together, join, gives, eats, leave, doubles, gainsAndGives];
