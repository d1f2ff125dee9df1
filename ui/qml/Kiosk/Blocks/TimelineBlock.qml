pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Style
import Kiosk.Controls

// What happened when, a lane each. A gap is an empty frame with a sign and its words below, not only another colour.
Block {
    id: block
    readonly property var ticks: spec.ticks ?? []
    Label { visible: text !== ""; width: parent.width; text: block.spec.summary ?? ""; Accessible.id: "summary-" + block.place }
    Item {   // years
        width: parent.width
        height: Style.sp(26) * 1.5
        Repeater {
            model: 6    // as many as there ever are
            Label {
                required property int index
                readonly property real at: block.ticks[index]?.at ?? 0
                readonly property real middle: (Style.rightToLeft ? 1 - at : at) * block.inner
                visible: text !== "" && (!Style.large || index % 2 === 0)
                x: Math.max(0, Math.min(block.inner - width, middle - width / 2))
                text: block.ticks[index]?.text ?? ""
                kind: "small"
                font.pixelSize: Style.sp(26)
                Accessible.ignored: true
            }
        }
    }
    Lines {
        count: block.rows.length
        spacing: Style.dp(26)
        line: Item {
            id: lane
            width: parent?.width ?? 0
            required property int index
            readonly property int row: index
            visible: row < block.rows.length
            readonly property var fresh: block.rows[row] ?? null
            property var spec: ({})
            onFreshChanged: if (fresh !== null) spec = fresh    // a row that is not seen keeps what it said
            readonly property var spans: spec.spans ?? []
            readonly property var words: spans.filter(span => span.label !== "")
            property int made: 0        // as many as there ever were: the others wait unseen
            property int said: 0
            onSpansChanged: made = Math.max(made, spans.length)
            onWordsChanged: said = Math.max(said, words.length)
            implicitHeight: words.length > 0 ? told.y + told.height : track.y + track.height
            Accessible.role: Accessible.StaticText
            Accessible.name: [spec.label ?? ""].concat(words.map(span => span.label)).join(", ")
            Accessible.id: "row-" + block.place + "-" + row
            Label { id: name; width: parent.width; text: lane.spec.label ?? ""; font.weight: Font.Bold; font.pixelSize: Style.sp(30); Accessible.id: "lane-" + block.place + "-" + lane.row }
            Rectangle { y: track.y + track.height / 2; width: parent.width; height: Style.dp(2); color: Style.line }
            Item {
                id: track
                y: name.height + Style.dp(8)
                width: parent.width
                height: Style.dp(40)
                Repeater {
                    model: 6
                    Rectangle {
                        required property int index
                        visible: index < block.ticks.length
                        readonly property real at: block.ticks[index]?.at ?? 0
                        x: (Style.rightToLeft ? 1 - at : at) * track.width
                        width: Style.dp(2)
                        height: track.height
                        color: Style.line
                    }
                }
                Repeater {
                    model: lane.made
                    Rectangle {
                        id: stretch
                        required property int index
                        visible: index < lane.spans.length
                        readonly property var spec: lane.spans[index] ?? ({})
                        readonly property real from: spec.from ?? 0
                        readonly property real to: spec.to ?? 0
                        readonly property bool gap: spec.tone === "warn" || spec.tone === "bad"
                        x: (Style.rightToLeft ? 1 - to : from) * track.width
                        width: Math.max(Style.dp(10), (to - from) * track.width - Style.dp(2))
                        height: track.height
                        radius: Math.min(Style.dp(8), width / 2)
                        color: gap ? Style.toneTint(spec.tone) : spec.tone === "plain" ? (Style.highContrast ? "#777777" : "#9fb3c1") : Style.tone(spec.tone)
                        border.width: gap ? Style.dp(5) : 0
                        border.color: Style.tone(spec.tone)
                        Icon { visible: stretch.gap && stretch.width > Style.dp(40); anchors.centerIn: parent; name: visible ? "circle-alert" : ""; tone: Style.tone(stretch.spec.tone); size: Style.dp(30) }
                    }
                }
            }
            Flow {
                id: told
                visible: lane.words.length > 0
                y: track.y + track.height + Style.dp(8)
                width: parent.width
                spacing: Style.dp(12)
                Repeater {
                    model: lane.said
                    Row {
                        id: word
                        required property int index
                        readonly property var spec: lane.words[index] ?? ({})
                        readonly property bool gap: spec.tone === "warn" || spec.tone === "bad"
                        readonly property real mark: gap ? Style.upTo(34, 56) + Style.dp(8) : 0
                        visible: index < lane.words.length
                        spacing: Style.dp(8)
                        Icon { visible: word.gap; name: word.gap ? "circle-alert" : ""; tone: Style.tone(word.spec.tone); size: Style.upTo(34, 56) }
                        Label {
                            width: Math.min(implicitWidth, lane.width - word.mark)
                            text: word.spec.label ?? ""
                            kind: "small"
                            font.weight: word.gap ? Font.Bold : Font.Normal
                            color: word.gap ? Style.tone(word.spec.tone) : Style.muted
                            rightPadding: Style.dp(10)
                            Accessible.id: "span-" + block.place + "-" + lane.row + "-" + word.index
                        }
                    }
                }
            }
        }
    }
}
