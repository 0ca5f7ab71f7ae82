namespace Fovea.Explorer.Contents;

/// <summary>Figures 21 to 24: one image, the units it drives most and least, in the network and in the dictionary.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Number">Which of the layer's.</param>
/// <param name="Document">What was found.</param>
public sealed record ComparisonContents(string Layer, int Number, ComparisonDocument Document)
{
    /// <summary>The image's class, or its name where that is not known.</summary>
    public string Title => Document.ClassName.Length > 0 ? Document.ClassName : Document.Image;

    /// <summary>A picture of the document as the run names it.</summary>
    public StoredPicture? Place(StoredPicture? picture) => picture?.Below($"features/{Layer}");

    /// <summary>All pictures of the document, as the run names them.</summary>
    internal IEnumerable<StoredPicture?> Pictures => new[] { Document.Model, Document.Sae }.SelectMany(side => side.Top.Concat(side.Least))
        .SelectMany(unit => unit.Examples.Select(example => example.Picture).Prepend(unit.Picture)).Prepend(Document.Picture).Select(Place);

    internal static IReadOnlyList<ComparisonContents> ReadAll(CarefulReader reader, string layer) =>
        [.. reader.Run.Comparisons(layer)
            .Select(number => (Number: number, Document: reader.Find<ComparisonDocument>(RunLayout.Comparison(layer, number))))
            .Where(one => one.Document is not null).Select(one => new ComparisonContents(layer, one.Number, one.Document!))];
}
