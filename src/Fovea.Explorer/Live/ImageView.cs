using Fovea.Explorer.Contents;
using Microsoft.AspNetCore.Http;

namespace Fovea.Explorer.Live;

/// <summary>What one image shows in a state.</summary>
/// <param name="Image">The image.</param>
/// <param name="Predictions">Its likeliest classes.</param>
/// <param name="Outcome">What the changes do to it; null: there are none.</param>
public sealed record ImagePart(OwnImage Image, IReadOnlyList<ClassScore> Predictions, SteerOutcome? Outcome);

/// <summary>All that the page of an image shows, found before it is written.</summary>
public sealed record ImageView
{
    private const int Predicted = 10, Listed = 25, Compared = 5, OfCell = 12;

    /// <summary>What can be asked.</summary>
    public required LiveFacts Facts { get; init; }

    /// <summary>What is asked.</summary>
    public required ImageState State { get; init; }

    /// <summary>The image.</summary>
    public required ImagePart Main { get; init; }

    /// <summary>The one at its side.</summary>
    public ImagePart? Beside { get; init; }

    /// <summary>The units of the source on the image.</summary>
    public required UnitsOfImage Units { get; init; }

    /// <summary>The units of the chosen position; null: none is chosen.</summary>
    public IReadOnlyList<UnitAt>? AtCell { get; init; }

    /// <summary>The heat's highest value; null: no unit is chosen.</summary>
    public float? Peak { get; init; }

    /// <summary>Neurons against latents; null where neurons are looked at.</summary>
    public (SourceOnImage Neurons, SourceOnImage Latents)? Compare { get; init; }

    /// <summary>Images to put at the side.</summary>
    public required IReadOnlyList<OwnImage> Others { get; init; }

    /// <summary>What of the address could not be done, in a sentence; null: nothing.</summary>
    public string? Problem { get; init; }

    /// <summary>Finds it.</summary>
    /// <exception cref="FoveaException">The address names what the run has not.</exception>
    internal static async Task<ImageView> OfAsync(
        OwnImage image, IQueryCollection query, RunContents run, LiveModel model, CancellationToken cancellation)
    {
        LiveFacts facts = await model.FactsAsync(cancellation);
        var state = ImageState.Of(query, facts);
        UnitsOfImage units =
            await model.UnitsAsync(image, state.Layer, state.Source, state.Class, Listed, state.ByShare, cancellation);
        string? problem = null;
        if (state.Cell is { } cell && (cell.Y >= units.Rows || cell.X >= units.Columns))
        {
            // Another layer has another grid: the place in the image stays about the same.
            state = state with { Cell = null };
        }
        IReadOnlyList<UnitAt>? atCell = state.Cell is { } place
            ? (await model.GridAsync(image, state.Layer, state.Source, OfCell, cancellation)).Cells[place.Y * units.Columns + place.X] : null;
        float? peak = null;
        if (state.Unit is { } unit)
        {
            if (unit < units.Units)
                peak = (await model.HeatAsync(image, state.Layer, state.Source, unit, cancellation)).Values.Max();
            else (problem, state) = ($"Unit {unit} does not exist: {state.Source} has {units.Units}, from 0.", state with { Unit = null });
        }
        OwnImage? second = state.Beside is { } id ? await model.FindAsync(id, cancellation) : null;
        if (state.Beside is not null && second is null) problem ??= "The image at the side is not here, or no longer: bring it again.";

        async Task<ImagePart> PartAsync(OwnImage one)
        {
            SteerOutcome? outcome = null;
            try
            {
                if (state.IsSteered)
                {
                    outcome = await model.SteerAsync(one, state.Steering, (state.Layer, state.Source),
                        edit => UnitMeasures.Of(run, edit), state.Class, cancellation);
                }
            }
            catch (FoveaException e) when (e.Kind is FailureKind.Configuration or FailureKind.Numerical)
            {
                problem ??= e.Message;
            }
            return new ImagePart(one, await model.PredictAsync(one, Predicted, cancellation), outcome);
        }

        ImagePart main = await PartAsync(image);
        ImagePart? beside = second is null ? null : await PartAsync(second);
        return new ImageView
        {
            Facts = facts,
            State = state,
            Main = main,
            Beside = beside,
            Units = units,
            AtCell = atCell,
            Peak = peak,
            Compare = state.Source == RunLayout.Neurons ? null
                : await model.CompareAsync(image, state.Layer, state.Source, Compared, cancellation),
            Others = [.. model.Own.All.Where(one => one.Id != image.Id)],
            Problem = problem,
        };
    }
}
