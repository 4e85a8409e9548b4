package org.rlvr4j.data;

import static org.rlvr4j.data.WordPattern.pattern;

import java.util.List;

/** Patterns of word problems. No story of the new ones is among the known ones. */
final class WordPatterns {

    /** Patterns that are trained on. */
    static final List<WordPattern> KNOWN = List.of(
            pattern(
                    "boxes and a gift",
                    "{A} has {x box} with {y thing} each. {A} gives {a thing} to {B}. How many {things} does {A} have"
                            + " left?",
                    "p = x * y; q = p - a"),
            pattern(
                    "boxes and two gifts",
                    "{A} has {x box} with {y thing} each. {A} gives {a thing} to {B} and {b thing} to {C}."
                            + " How many {things} does {A} have left?",
                    "p = x * y; q = p - a; r = q - b"),
            pattern(
                    "bags and a find",
                    "{A} fills {x bag} with {y thing} each and then finds {a thing} more."
                            + " How many {things} does {A} have?",
                    "p = x * y; q = p + a"),
            pattern(
                    "boxes and bags",
                    "{A} has {x box} with {y thing} each and {u bag} with {v thing} each."
                            + " How many {things} does {A} have in all?",
                    "p = x * y; q = u * v; r = p + q"),
            pattern(
                    "buys and gives",
                    "{A} has {n thing}. {A} buys {a thing} more and then gives {b thing} to {B}."
                            + " How many {things} does {A} have now?",
                    "p = n + a; q = p - b"),
            pattern(
                    "loses twice",
                    "{A} has {n thing}. {A} loses {a thing} on Monday and {b thing} on Tuesday."
                            + " How many {things} does {A} have left?",
                    "p = n - a; q = p - b"),
            pattern(
                    "more than",
                    "{A} has {n thing}. {B} has {a thing} more than {A}. How many {things} do {A} and {B} have"
                            + " together?",
                    "p = n + a; q = n + p"),
            pattern(
                    "times as many",
                    "{A} has {y thing}. {B} has {x} times as many. {C} has {a thing}."
                            + " How many {things} do {A}, {B} and {C} have together?",
                    "p = y * x; q = y + p; r = q + a"),
            pattern(
                    "three friends",
                    "{A} has {n thing}, {B} has {a thing} and {C} has {b thing}."
                            + " How many {things} do {A}, {B} and {C} have together?",
                    "p = n + a; q = p + b"),
            pattern(
                    "price",
                    "{A} buys {x thing} for {y coin} each and a hat for {a coin}. How many coins does {A} pay?",
                    "p = x * y; q = p + a"),
            pattern(
                    "change",
                    "{A} has {m coin} and buys {x thing} for {y coin} each. How many coins does {A} have left?",
                    "p = x * y; q = m - p"),
            pattern(
                    "days",
                    "{A} paints {x thing} a day for {y day}. Then {A} sells {a thing} and paints {b thing} more."
                            + " How many painted {things} does {A} have?",
                    "p = x * y; q = p - a; r = q + b"));

    /** Patterns that are never trained on. */
    static final List<WordPattern> NEW = List.of(
            pattern(
                    "shelves",
                    "A room has {x shelf} with {y book} each. {A} takes {a book} away and {B} brings {b book} back."
                            + " How many books are in the room now?",
                    "p = x * y; q = p - a; r = q + b"),
            pattern(
                    "fewer than",
                    "{A} has {n thing}. {B} has {a thing} fewer than {A}. How many {things} do {A} and {B} have"
                            + " together?",
                    "p = n - a; q = n + p"),
            pattern(
                    "basket",
                    "A basket holds {n thing}. {A} takes {a thing} out and {B} puts {b thing} in."
                            + " How many {things} does the basket hold now?",
                    "p = n - a; q = p + b"),
            pattern(
                    "school",
                    "A school has {x class} with {y child} each, and {a teacher}. How many people is that in all?",
                    "p = x * y; q = p + a"),
            pattern(
                    "wage",
                    "{A} earns {x coin} a day. {A} works for {y day} and then spends {a coin}."
                            + " How many coins does {A} keep?",
                    "p = x * y; q = p - a"),
            pattern(
                    "garden",
                    "In a garden {A} plants {x row} of {y flower} and {B} plants {u row} of {v flower}."
                            + " How many flowers are there?",
                    "p = x * y; q = u * v; r = p + q"));

    private WordPatterns() {}
}
