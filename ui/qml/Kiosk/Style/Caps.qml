pragma Singleton
import QtQuick

// What stands on the keys: numbers and codes are the same everywhere, letters are those of a language. Words are the
// names of keys that do something: shift, backspace, clear, signs, letters, language, space, enter.
QtObject {
    readonly property var digits: ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"]
    readonly property var account: [digits,
        ["Q", "W", "E", "R", "T", "Y", "U", "I", "O", "P"],
        ["A", "S", "D", "F", "G", "H", "J", "K", "L", "-"],
        ["clear", "Z", "X", "C", "V", "B", "N", "M", "/", "backspace"]]
    readonly property var code: account.slice(0, 3).concat([["clear", "Z", "X", "C", "V", "B", "N", "M", ".", "backspace"]])
    readonly property var latin: ({
        en: [digits,
            ["q", "w", "e", "r", "t", "y", "u", "i", "o", "p"],
            ["a", "s", "d", "f", "g", "h", "j", "k", "l", "'"],
            ["shift", "z", "x", "c", "v", "b", "n", "m", "backspace"]],
        cs: [["ě", "š", "č", "ř", "ž", "ý", "á", "í", "é", "ú", "ů"],
            ["q", "w", "e", "r", "t", "z", "u", "i", "o", "p", "ó"],
            ["a", "s", "d", "f", "g", "h", "j", "k", "l", "ť", "ň"],
            ["shift", "y", "x", "c", "v", "b", "n", "m", "ď", "backspace"]],
        ar: [["أ", "إ", "آ", "ء", "ئ", "ؤ", "ى", "ة", "ذ", "ظ"],
            ["ض", "ص", "ث", "ق", "ف", "غ", "ع", "ه", "خ", "ح", "ج"],
            ["ش", "س", "ي", "ب", "ل", "ا", "ت", "ن", "م", "ك", "ط"],
            ["clear", "د", "ز", "ر", "و", "،", "؟", "backspace"]]
    })
    readonly property var signs: [digits,
        ["@", ".", ",", "-", "_", "/", ":", ";", "+", "="],
        ["(", ")", "\"", "'", "?", "!", "&", "%", "#", "*"],
        ["clear", "backspace"]]
    readonly property var pads: ({ date: ".", amount: ",", number: "clear", identifier: "/", phone: "+" })

    // `kind`: what is typed; `language`: whose letters; `signed`: the layer of digits and signs; `several`: more languages
    function rows(kind: string, language: string, signed: bool, several: bool): var {
        if (kind === "account")
            return account
        if (kind === "code")
            return code
        if (pads[kind] !== undefined)
            return [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"], [pads[kind], "0", "backspace"]]
        const turn = signed ? "letters" : "signs"
        const others = several ? ["language"] : []
        const last = kind === "email" ? [turn, "@", ".", "-", "_"] : kind === "lines" ? [turn].concat(others, ["space", ".", ",", "enter"]) : [turn].concat(others, ["space", "-", "."])
        const letters = kind === "email" ? latin.en : latin[language] ?? latin.en
        return (signed ? signs : letters).concat([last])
    }
    readonly property var widths: ({ space: 40, enter: 18, signs: 18, letters: 18, language: 15, shift: 15, clear: 15, backspace: 15 })
}
