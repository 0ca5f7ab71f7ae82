namespace Fovea.Explorer.Compare;

/// <summary>
/// One of the two sources of units that are compared: a layer's neurons or a dictionary's latents, of the run or of the other one.
/// </summary>
/// <param name="Other">Whether it is of the run that was named beside the first.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Source"><c>neurons</c> or the dictionary's name.</param>
public sealed record ComparedSide(bool Other, string Layer, string Source)
{
    /// <summary>What stands before the address of a source of the other run.</summary>
    public const string OtherRun = "with";

    /// <summary>Reads <c>l/LAYER</c> (its neurons) or <c>l/LAYER/s/DICTIONARY</c>, with <c>with/</c> in front for the other run.</summary>
    /// <param name="text">A path whose segments are escaped, as in an address.</param>
    /// <returns>Null: it names no source.</returns>
    public static ComparedSide? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool other = text.StartsWith(OtherRun + "/", StringComparison.Ordinal);
        return PageAddress.Parse(other ? text[(OtherRun.Length + 1)..] : text) switch
        {
            { Kind: PageKind.Layer } layer => new ComparedSide(other, layer.LayerName!, RunLayout.Neurons),
            { Kind: PageKind.Dictionary } dictionary => new ComparedSide(other, dictionary.LayerName!, dictionary.Name!),
            _ => null,
        };
    }

    /// <summary>The page of the source in its run.</summary>
    public PageAddress Page => Source == RunLayout.Neurons ? PageAddress.Layer(Layer) : PageAddress.Dictionary(Layer, Source);

    /// <summary>The same as <see cref="Parse"/> reads it.</summary>
    public override string ToString() => (Other ? OtherRun + "/" : "") + string.Join('/', Page.Segments.Select(Uri.EscapeDataString));
}
