namespace Fovea.Explorer.Guide;

/// <summary>What a key does on the pages. The script reads these from the list that <c>?</c> shows.</summary>
/// <param name="Keys">The key as the browser names it, or two of them one after the other with a space between.</param>
/// <param name="Meaning">What it does, for people.</param>
/// <param name="Action">
/// <c>click</c> the first visible element that matches, <c>focus</c> it, <c>go</c> to an address, or <c>call</c> something of the script's own;
/// <see cref="Elsewhere"/> where the script of a part of the page obeys, and the list only tells.
/// </param>
/// <param name="Target">A selector, an address or a name.</param>
internal sealed record KeyBinding(string Keys, string Meaning, string Action, string Target)
{
    /// <summary>The action of a key that another script than that of the keys obeys.</summary>
    public const string Elsewhere = "elsewhere";

    private const string Control = "Control+";

    /// <summary>The keys as they are shown: arrows by their signs.</summary>
    public IEnumerable<string> Shown => Keys.Split(' ').Select(key => key switch
    {
        "ArrowRight" => "→",
        "ArrowLeft" => "←",
        "Arrows" => "↑ ↓ ← →",
        "Escape" => "Esc",
        _ when key.StartsWith(Control, StringComparison.Ordinal) => $"Ctrl+{key[Control.Length..].ToUpperInvariant()}",
        _ => key,
    });
}
