using Fovea.Explorer.Server;
using Fovea.Interventions.Studies;
using Microsoft.AspNetCore.Http;

namespace Fovea.Explorer.Live;

/// <summary>
/// Changes as a program sends them: a list such as <c>[{"unit": 12, "scale": 0}, {"unit": 88, "set": 1, "of": "max", "positions": [[3, 4]]}]</c>.
/// Layer and source are those of the address unless an entry names others; what becomes of errors stands in the address too.
/// </summary>
internal sealed record SteerBody
{
    public string? Layer { get; init; }

    public string? Source { get; init; }

    public int Unit { get; init; } = -1;

    public double? Scale { get; init; }

    public double? Set { get; init; }

    public double? Add { get; init; }

    public string? Of { get; init; }

    public IReadOnlyList<IReadOnlyList<int>>? Positions { get; init; }

    /// <summary>Reads the body of a request.</summary>
    /// <exception cref="FoveaException">Configuration: it is no such list, or too long a one.</exception>
    public static async Task<Steering> ReadAsync(HttpContext http, ImageState state)
    {
        SteerBody?[] entries = await RequestBody.JsonAsync<SteerBody?[]>(
            http, "The changes cannot be read: send a list such as [{\"unit\": 12, \"scale\": 0}].");
        if (entries.Length > ImageStudy.MostChanges)
            throw FoveaException.BadConfiguration(
                $"{entries.Length} changes at a time: at most {ImageStudy.MostChanges} are made together.");
        return new Steering(
            [.. entries.Select(entry => entry?.Edit(state) ?? throw FoveaException.BadConfiguration("A change of the list is null."))],
            state.Steering.KeepsError);
    }

    private SteerEdit Edit(ImageState state)
    {
        (SteerKind Kind, double Amount)[] asked = [.. new (SteerKind, double?)[]
        {
            (SteerKind.Scale, Scale), (SteerKind.Set, Set), (SteerKind.Add, Add),
        }.Where(one => one.Item2 is not null).Select(one => (one.Item1, one.Item2!.Value))];
        if (asked is not [var (kind, amount)] || !double.IsFinite(amount))
            throw FoveaException.BadConfiguration($"A change of unit {Unit} must have one of scale, set and add, with a number.");
        SteerMeasure of = Of switch
        {
            null or "value" => SteerMeasure.Value,
            "max" when kind != SteerKind.Scale => SteerMeasure.Max,
            "p999" when kind != SteerKind.Scale => SteerMeasure.P999,
            _ => throw FoveaException.BadConfiguration("'of' must be value, max or p999, and only where a unit is set or added to."),
        };
        if (Positions is not null && Positions.Any(one => one is not { Count: 2 }))
            throw FoveaException.BadConfiguration("A position must be a row and a column: [3, 4].");
        return new SteerEdit(
            Layer ?? state.Layer, Source ?? state.Source, Unit, kind, amount, of,
            Positions is null ? null : [.. Positions.Select(one => (one[0], one[1]))]);
    }
}
