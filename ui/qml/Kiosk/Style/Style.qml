pragma Singleton
import QtQuick

// Sizes, colours and type of every screen. One unit `u` is a 1080th of the shorter side. Type grows with the person's
// text size: running text fully, titles (large to begin with) by half; everything else grows with the screen only.
QtObject {
    property real screenWidth: 1080
    property real screenHeight: 1920
    property int textPercent: 100
    property bool highContrast: false
    property bool lowered: false
    property bool lettered: false      // five rows of keys are on the screen
    property bool rightToLeft: false
    property string scrollUp: ""       // names of the two buttons that any page may need
    property string scrollDown: ""

    readonly property bool portrait: screenHeight >= screenWidth
    readonly property real u: Math.min(screenWidth, screenHeight) / 1080
    readonly property real typeScale: textPercent / 100
    readonly property bool large: textPercent > 130
    readonly property bool cramped: large && lowered
    // "Lower screen": how much of the height is used, from the bottom
    readonly property real reach: !lowered ? 1 : portrait ? (large ? 0.88 : lettered ? 0.84 : 0.72) : 0.86

    function dp(n: real): real { return Math.round(n * u) }
    function sp(n: real): int { return Math.round(n * u * typeScale) }
    function title(n: real): int { return Math.round(n * u * (1 + (typeScale - 1) * 0.5)) }
    // for what has a fixed place, as the permanent controls: grows as far as the place allows
    function upTo(n: real, most: real): int { return Math.round(Math.min(n * typeScale, most) * u) }

    readonly property color ground: highContrast ? "#000000" : "#f1f5f9"
    readonly property color surface: highContrast ? "#000000" : "#ffffff"
    readonly property color primary: highContrast ? "#ffe14d" : "#0b4a6f"
    readonly property color primaryDown: highContrast ? "#ffd400" : "#083650"
    readonly property color primaryInk: highContrast ? "#000000" : "#ffffff"
    readonly property color tint: highContrast ? "#1c1c1c" : "#e2eef6"
    readonly property color text: highContrast ? "#ffffff" : "#13212c"
    readonly property color muted: highContrast ? "#f0f0f0" : "#465866"
    readonly property color line: highContrast ? "#ffffff" : "#cdd7df"
    readonly property color shade: highContrast ? "#00000000" : "#d5dfe7"
    readonly property color edge: highContrast ? "#ffffff" : "#6b7e8c"
    readonly property color ok: highContrast ? "#5dffb0" : "#0a6b4f"
    readonly property color okTint: highContrast ? "#00261a" : "#e0f3ec"
    readonly property color bad: highContrast ? "#ff9b94" : "#a61b1b"
    readonly property color badTint: highContrast ? "#2b0000" : "#fcebea"
    readonly property color warn: highContrast ? "#ffc46b" : "#8a4b00"
    readonly property color warnTint: highContrast ? "#2b1a00" : "#fdf1df"
    readonly property color focus: highContrast ? "#00e5ff" : "#d97706"
    readonly property color bar: highContrast ? "#000000" : "#0b4a6f"
    readonly property color barInk: "#ffffff"
    readonly property color barMuted: highContrast ? "#ffffff" : "#d3e5f1"

    readonly property real radius: dp(20)
    readonly property real pad: dp(portrait ? 56 : 48)
    readonly property real touch: dp(116)
    readonly property real gap: dp(portrait ? 28 : 20)

    function tone(name: string): color {
        switch (name) {
        case "ok": return ok
        case "bad": return bad
        case "warn": return warn
        default: return primary
        }
    }
    function toneTint(name: string): color {
        switch (name) {
        case "ok": return okTint
        case "bad": return badTint
        case "warn": return warnTint
        default: return tint
        }
    }
    function toneInk(name: string): color {   // what is legible on a filled tone
        return highContrast ? "#000000" : "#ffffff"
    }
    function hex(c: color): string {
        function two(v: real): string { const s = Math.round(v * 255).toString(16); return s.length < 2 ? "0" + s : s }
        return two(c.r) + two(c.g) + two(c.b)
    }
}
