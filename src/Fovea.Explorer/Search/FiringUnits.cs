using System.Globalization;
using Fovea.Explorer.Components;
using Fovea.Explorer.Contents;
using Fovea.Explorer.Live;

namespace Fovea.Explorer.Search;

/// <summary>The units that fire on an image: <c>on this</c>, <c>on run-12</c>, <c>on 12</c>, <c>on holiday</c>.</summary>
/// <param name="run">The run.</param>
/// <param name="model">Its network, and the images of this sitting.</param>
internal sealed class FiringUnits(RunContents run, LiveModel model)
{
    private const string On = "on", This = "this", Image = "image";

    /// <summary>Which image a query asks about, in its words; null: none.</summary>
    /// <param name="query">What somebody typed.</param>
    /// <param name="image">The image that he looks at; null: none.</param>
    public static string? Asked(string query, string? image)
    {
        string[] words = query.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2 || !words[0].Equals(On, StringComparison.OrdinalIgnoreCase)) return null;
        if (words[1].Equals(This, StringComparison.OrdinalIgnoreCase)) return image;
        string rest = string.Join(' ', words[1..]);
        return rest.StartsWith(Image + " ", StringComparison.OrdinalIgnoreCase) ? rest[(Image.Length + 1)..] : rest;
    }

    /// <summary>The units that are driven most by the image that the words name: those of the last layer with a dictionary.</summary>
    /// <param name="query">What was typed.</param>
    /// <param name="words">The image's id, number or a part of its name.</param>
    /// <param name="cancellation">Whether it is still wanted.</param>
    public async Task<SearchAnswer> FindAsync(string query, string words, CancellationToken cancellation)
    {
        try
        {
            OwnImage? image = await NamedAsync(words, cancellation);
            LiveFacts facts = await model.FactsAsync(cancellation);
            LiveLayer? layer = facts.Layers.LastOrDefault(one => one.Sources.Count > 1) ?? facts.Layers.LastOrDefault();
            if (image is null || layer is null) return new SearchAnswer(query, [], false);
            string source = layer.Sources.FirstOrDefault(one => one != RunLayout.Neurons) ?? RunLayout.Neurons;
            UnitsOfImage units = await model.UnitsAsync(image, layer.Name, source, null, SearchIndex.Most, byShare: false, cancellation);
            return new SearchAnswer(query, [.. units.Ranked.Select(one => Hit(image, layer.Name, source, one))], units.Active > units.Ranked.Count);
        }
        catch (FoveaException)
        {
            // A run without its network or its images: nothing fires.
            return new SearchAnswer(query, [], false);
        }
    }

    private SearchHit Hit(OwnImage image, string layer, string source, UnitEntry one)
    {
        Feature? unit = run.Layer(layer)?.Units(source)?.Find(one.Unit);
        string state = new ImageState { Layer = layer, Source = source, Unit = one.Unit }.Query();
        return new SearchHit(
            "fires", $"{(source == RunLayout.Neurons ? "Neuron" : "Latent")} {one.Unit}",
            string.Join(" · ", new[]
            {
                $"{layer}/{source}", unit?.Row?.TopClass is { } top ? run.Model.ClassName(top) : null,
                $"up to {Format.Number(one.Peak)} on {image.Name}",
            }.OfType<string>()),
            Links.OnServer().In(ImagePage.Place(image.Id), state));
    }

    private async Task<OwnImage?> NamedAsync(string words, CancellationToken cancellation)
    {
        if (await model.FindAsync(words, cancellation) is { } exact) return exact;
        if (int.TryParse(words, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return await model.FindAsync(OwnImages.OfRun(number), cancellation);
        return model.Own.All.FirstOrDefault(one => one.Name.Contains(words, StringComparison.OrdinalIgnoreCase));
    }
}
