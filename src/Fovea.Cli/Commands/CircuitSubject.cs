using Fovea.Activations;
using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.Interventions.Circuits;
using Fovea.IO;
using Fovea.Models;
using Fovea.Runs;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Commands;

/// <summary>What a command line says a circuit is of.</summary>
/// <param name="Class">A class's id or name.</param>
/// <param name="Versus">Another's.</param>
/// <param name="Image">A file, or the id of an image.</param>
/// <param name="Unit">A unit of the later layer.</param>
/// <param name="Most">Images at most.</param>
/// <param name="Seed">Decides the draw.</param>
internal sealed record CircuitRequest(string? Class, string? Versus, string? Image, int? Unit, int Most, ulong Seed);

/// <summary>What a circuit is of, and the images that it is looked for on, which are the caller's.</summary>
/// <param name="Source">The images.</param>
/// <param name="Images">Those to choose on and to measure on; null: the one image there is.</param>
/// <param name="Target">What is explained.</param>
/// <param name="Words">The same for people.</param>
/// <param name="Name">The circuit's name, where none is given.</param>
internal sealed record CircuitSubject(
    IImageSource Source, CircuitImages? Images, CircuitTarget Target, CircuitTargetRecord Words, string Name)
{
    /// <summary>Opens what a command line asks for.</summary>
    /// <exception cref="FoveaException">Configuration: no such class or unit. Data: no such image, or too few of the class.</exception>
    public static CircuitSubject Open(
        CircuitRequest request, WorkflowSettings settings, ImageModel model, ActivationStore store, UnitGroup later,
        CancellationToken cancellation)
    {
        int? versus = request.Versus is { } other ? ClassNames.One(model, other) : null, asked = request.Class is { } own ? ClassNames.One(model, own) : null;
        string? versusName = versus is { } number ? model.ClassName(number) : null;
        if (request.Image is { } path)
        {
            var (id, image, _) = RunImages.Find(settings, path);
            IImageSource one = CircuitImages.Of(id, image);
            int output = asked ?? CircuitImages.Predicted(model, one);
            return new CircuitSubject(
                one, null, CircuitTarget.OfClass(output, versus),
                new CircuitTargetRecord("image", $"{model.ClassName(output)} on {Path.GetFileName(id)}", output, versus, versusName, null),
                NameOf(model, $"image-{id}-", output, versus));
        }
        CircuitTarget target = request.Unit is { } asUnit ? CircuitTarget.OfUnit(asUnit) : CircuitTarget.OfClass(asked!.Value, versus);
        var (validation, harvested) = RunSources.OpenBoth(settings, Environment.CurrentDirectory);
        IImageSource? taken = null;
        try
        {
            var (source, among) = RunSources.EvaluationImages(validation, harvested, store);
            IReadOnlyList<int> all = among ?? [.. Enumerable.Range(0, source.Count)];
            if (request.Unit is { } unit)
            {
                var driven = CircuitImages.OfUnit(model, later, unit, source, all, request.Most, request.Seed, cancellation);
                var words = new CircuitTargetRecord("unit", $"unit {unit} of {later.Name}", null, null, null, unit);
                taken = source;
                return new CircuitSubject(source, driven, target, words, $"unit-{later.Name}-{unit}");
            }
            bool predicted = !NetworkClasses.AreOfImages(settings.Model);
            var drawn = CircuitImages.OfClass(model, source, all, asked!.Value, request.Most, predicted, request.Seed, cancellation);
            var named = new CircuitTargetRecord("class", model.ClassName(asked.Value), asked, versus, versusName, null);
            taken = source;
            return new CircuitSubject(source, drawn, target, named, NameOf(model, "class-", asked.Value, versus));
        }
        finally
        {
            if (taken != validation) validation.Dispose();
            if (taken != harvested) harvested.Dispose();
        }
    }

    /// <summary>Circuits of other images, classes and differences have other names.</summary>
    private static string NameOf(ImageModel model, string beginning, int output, int? versus) =>
        SafeName.Of(beginning + Id(model, output) + (versus is { } other ? "-less-" + Id(model, other) : ""));

    private static string Id(ImageModel model, int output) => model.Classes is { } classes ? classes[output].Id : $"{output}";
}
