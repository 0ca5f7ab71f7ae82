using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Fovea.Explorer.Live;

/// <summary>
/// What the page of an image shows, as its address says it: <c>?layer=&amp;source=&amp;unit=&amp;cell=&amp;class=&amp;by=&amp;steer=&amp;error=&amp;beside=</c>. A
/// link opens the same view.
/// </summary>
public sealed record ImageState
{
    /// <summary>The words of the address.</summary>
    public const string LayerWord = "layer", SourceWord = "source", AtWord = "at", UnitWord = "unit", CellWord = "cell", ClassWord = "class",
        ByWord = "by", SteerWord = "steer", ErrorWord = "error", BesideWord = "beside", Share = "share", Dropped = "dropped", Kept = "kept";

    /// <summary>The layer.</summary>
    public required string Layer { get; init; }

    /// <summary><c>neurons</c>, or a dictionary.</summary>
    public required string Source { get; init; }

    /// <summary>The unit whose heat lies over the image.</summary>
    public int? Unit { get; init; }

    /// <summary>The position whose units are listed.</summary>
    public (int Y, int X)? Cell { get; init; }

    /// <summary>The class whose logit is taken apart; null: the likeliest.</summary>
    public int? Class { get; init; }

    /// <summary>Whether units are ranked by what they add to the class's logit.</summary>
    public bool ByShare { get; init; }

    /// <summary>What is changed.</summary>
    public Steering Steering { get; init; } = Steering.None;

    /// <summary>Another image at the side; null: none.</summary>
    public string? Beside { get; init; }

    /// <summary>Whether anything is changed.</summary>
    public bool IsSteered => Steering.Edits.Count > 0 || !Steering.KeepsError;

    /// <summary>The state of an address.</summary>
    /// <exception cref="FoveaException">Configuration: it names no layer or source of the run, or cannot be read.</exception>
    public static ImageState Of(IQueryCollection query, LiveFacts facts)
    {
        if (facts.Layers.Count == 0)
            throw FoveaException.BadData("This run has no layer to look at yet: layers appear when their vectors are harvested.");
        string? layer = Word(query, LayerWord), source = Word(query, SourceWord);
        // Forms have one list for both.
        if (Word(query, AtWord) is { } at && at.LastIndexOf('/') is > 0 and var slash) (layer, source) = (at[..slash], at[(slash + 1)..]);
        LiveLayer one = layer is null
            ? facts.Layers.LastOrDefault(own => own.Sources.Count > 1) ?? facts.Layers[^1]
            : facts.Layers.FirstOrDefault(own => own.Name == layer) ?? throw FoveaException.BadConfiguration(
                $"This run has no layer '{layer}' that can be looked at.{Suggestions.Sentence(layer, [.. facts.Layers.Select(own => own.Name)])}");
        source ??= one.Sources.FirstOrDefault(own => own != RunLayout.Neurons) ?? RunLayout.Neurons;
        if (!one.Sources.Contains(source))
            throw FoveaException.BadConfiguration(
                $"{one.Name} has no units called '{source}'.{Suggestions.Sentence(source, [.. one.Sources])}");
        return new ImageState
        {
            Layer = one.Name,
            Source = source,
            Unit = Number(query, UnitWord, int.MaxValue),
            Cell = Word(query, CellWord) is not { } cell ? null : SteerText.Cell(cell)
                ?? throw FoveaException.BadConfiguration($"'{Short(cell)}' is no position: give a row and a column, such as 3.4."),
            Class = Number(query, ClassWord, facts.Classes.Count),
            ByShare = Word(query, ByWord) == Share,
            Steering = new Steering(
                SteerText.Parse(Word(query, SteerWord), one.Name, source), Word(query, ErrorWord) != Dropped),
            Beside = Word(query, BesideWord),
        };
    }

    /// <summary>The state as an address has it, with its question mark.</summary>
    public string Query()
    {
        List<KeyValuePair<string, string?>> parts = [new(LayerWord, Layer), new(SourceWord, Source)];
        void Add(string name, string? value)
        {
            if (value is not null) parts.Add(new KeyValuePair<string, string?>(name, value));
        }
        Add(UnitWord, Unit?.ToString(CultureInfo.InvariantCulture));
        Add(CellWord, Cell is { } cell ? string.Create(CultureInfo.InvariantCulture, $"{cell.Y}.{cell.X}") : null);
        Add(ClassWord, Class?.ToString(CultureInfo.InvariantCulture));
        Add(ByWord, ByShare ? Share : null);
        Add(SteerWord, Steering.Edits.Count > 0 ? Steered : null);
        Add(ErrorWord, Steering.KeepsError ? null : Dropped);
        Add(BesideWord, Beside);
        // Of what may stand in a query, commas, colons and the like stay readable.
        return "?" + string.Join('&', parts.Select(part => $"{part.Key}={Escape(part.Value!)}"));
    }

    /// <summary>The changes as the address has them.</summary>
    public string Steered => SteerText.Format(Steering.Edits, Layer, Source);

    /// <summary>The same with the changes of one unit in the place of others of it.</summary>
    public ImageState With(SteerEdit edit) => this with
    {
        Steering = Steering with { Edits = [.. Steering.Edits.Where(other => !other.IsOfSameUnit(edit)), edit] },
    };

    /// <summary>The same without one of the changes.</summary>
    public ImageState Without(int index) => this with { Steering = Steering with { Edits = [.. Steering.Edits.Where((_, i) => i != index)] } };

    private static string Escape(string value) => Uri.EscapeDataString(value).Replace("%2C", ",", StringComparison.Ordinal)
        .Replace("%3A", ":", StringComparison.Ordinal).Replace("%40", "@", StringComparison.Ordinal)
        .Replace("%2F", "/", StringComparison.Ordinal);

    private static string? Word(IQueryCollection query, string name) =>
        query.TryGetValue(name, out StringValues values) && values.Count > 0 && values[^1] is { Length: > 0 } word ? word : null;

    private static int? Number(IQueryCollection query, string name, int end)
    {
        if (Word(query, name) is not { } word) return null;
        return int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < end ? number
            : throw FoveaException.BadConfiguration($"'{Short(word)}' is no {name}{(end < int.MaxValue ? $": there are {end}, from 0" : "")}.");
    }

    private static string Short(string word) => word.Length > 40 ? word[..40] + "…" : word;
}
