import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T

// A card in the drawer, or where it was.
T.Button {
    id: tile
    property var card: ({})
    readonly property bool inside: card.slot !== ""
    readonly property string about: {
        if (card.tries >= 3)
            return card.kind
        return (card.kind !== "" ? card.kind + ", " : "") + (card.tries === 0 ? "PIN blocked" : card.tries + " tries left")
    }
    Theme { id: theme }
    implicitHeight: 50
    focusPolicy: Qt.StrongFocus
    text: card.title
    Accessible.role: Accessible.Button
    Accessible.id: "card-" + card.name
    Accessible.name: card.title + ", " + card.kind + (inside ? ", in the " + card.slot + " reader" : "")
    Accessible.onPressAction: tile.clicked()
    background: Rectangle {
        radius: 8
        color: tile.down ? Qt.darker(theme.tint, 1.08) : tile.inside ? theme.ground : theme.tint
        border.width: tile.visualFocus ? 3 : 1
        border.color: tile.visualFocus ? theme.focus : theme.line
    }
    contentItem: RowLayout {
        spacing: 12
        CardShape {
            Layout.leftMargin: 10
            tone: tile.card.tone
            opacity: tile.inside ? 0.3 : 1
        }
        ColumnLayout {
            spacing: 0
            Layout.fillWidth: true
            Layout.rightMargin: 8
            Words {
                Layout.fillWidth: true
                text: tile.card.title
                font.weight: Font.DemiBold
                wrapMode: Text.Wrap
                maximumLineCount: tile.card.kind === "" && !tile.inside ? 2 : 1
            }
            Words {
                Layout.fillWidth: true
                visible: text !== ""
                text: tile.inside ? "in the " + tile.card.slot + " reader" : tile.about
                color: tile.card.tries === 0 && !tile.inside ? theme.bad : theme.muted
                font.pixelSize: theme.small
            }
        }
    }
}
