pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Style

// The ways out of a page: back at the start, the way on at the end. Where they do not fit beside each other they
// stand one below the other (portrait) or wrap (landscape).
Item {
    id: row
    property var actions: []
    property bool centred: false
    readonly property var present: actions.filter(action => (action.text ?? "") !== "")
    readonly property int count: present.length
    readonly property real space: Style.dp(24)
    readonly property var natural: [first, second, third].slice(0, count).map((button, place) =>
        Math.max(button.implicitWidth, !Style.portrait && place === count - 1 && (count > 1 || centred) ? Style.dp(380) : 0))
    readonly property real need: natural.reduce((sum, width) => sum + width, 0) + Math.max(0, count - 1) * space
    readonly property bool stacked: Style.portrait && count > 1 && need > width
    readonly property bool lastGrows: Style.portrait && count > 0
        && (centred && count === 1 || (present[count - 1].variant ?? "primary") !== "secondary")
    readonly property var widths: {
        if (stacked || (lastGrows && count === 1))
            return natural.map(() => width)
        const gaps = (count - 1) * space
        if (need > width)
            return natural.map(one => (one * (width - gaps)) / (need - gaps))
        return natural.map((one, place) => lastGrows && place === count - 1 ? one + width - need : one)
    }
    implicitHeight: {
        const heights = [first, second, third].slice(0, count).map(button => button.height)
        return stacked ? heights.reduce((sum, one) => sum + one, 0) + (count - 1) * space : Math.max(0, ...heights)
    }
    visible: count > 0

    function startOf(place: int): real {   // from the start side; the first at the start, the others at the end
        if (stacked)
            return 0
        if (count === 1)
            return centred ? (width - widths[0]) / 2 : 0
        if (place === 0)
            return 0
        let at = width
        for (let i = count - 1; i >= place; i -= 1)
            at -= widths[i] + (i < count - 1 ? space : 0)
        return at
    }
    component Action: PushButton {
        required property int place
        spec: row.present[place] ?? ({})
        pixels: Style.portrait ? 0 : Style.upTo(34, 48)
        width: row.widths[place] ?? 0
        height: row.stacked ? implicitHeight : Math.max(first.visible ? first.implicitHeight : 0, second.visible ? second.implicitHeight : 0, third.visible ? third.implicitHeight : 0)
        x: Style.rightToLeft ? row.width - row.startOf(place) - width : row.startOf(place)
    }
    Action { id: first; place: 0 }
    Action { id: second; place: 1; y: row.stacked ? first.height + row.space : 0 }
    Action { id: third; place: 2; y: row.stacked ? first.height + second.height + 2 * row.space : 0 }
}
