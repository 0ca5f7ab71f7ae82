using System.Text.Json;
using Fovea.Numerics;

namespace Fovea.Interventions.Studies;

/// <summary>A class under changes.</summary>
/// <param name="Class">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Images">Images of it.</param>
/// <param name="Lost">Of these, those that were classified rightly and are not any more.</param>
/// <param name="Won">Those that were not and are now.</param>
/// <param name="Top1Before">The share that the network classifies rightly as it is.</param>
/// <param name="Top1After">With the changes.</param>
/// <param name="Top1Change">The difference, with its 95 % interval by image.</param>
public sealed record ClassEffect(
    int Class, string Name, int Images, int Lost, int Won, double Top1Before, double Top1After, PairedDifference Top1Change);

/// <summary>What changes do to a classifier, paired image by image with the same without them (docs/reference/metrics.md).</summary>
/// <param name="Images">Images judged.</param>
/// <param name="Lost">Images that were classified rightly and are not any more.</param>
/// <param name="Won">Images that were not and are now.</param>
/// <param name="Top1Before">Top-1 of the network as it is.</param>
/// <param name="Top1After">With the changes.</param>
/// <param name="Top5Before">Top-5 of the network as it is.</param>
/// <param name="Top5After">With the changes.</param>
/// <param name="Top1Change">After less before, with its 95 % interval.</param>
/// <param name="LossChange">Of the cross-entropy in nats, likewise.</param>
/// <param name="LogitChange">Of the true class's logit, likewise.</param>
/// <param name="Kl">E KL(before ‖ after) of the softmax distributions, in nats.</param>
/// <param name="Classes">Of each class that has images, those that change most first: by <see cref="PairedDifference.Mean"/>.</param>
public sealed record ChangesResult(
    int Images, int Lost, int Won, double Top1Before, double Top1After, double Top5Before, double Top5After, PairedDifference Top1Change,
    PairedDifference LossChange, PairedDifference LogitChange, double Kl, IReadOnlyList<ClassEffect> Classes)
{
    /// <summary>What <c>fovea steer --json</c> found, from what it printed.</summary>
    /// <param name="document">The document.</param>
    /// <exception cref="FoveaException">Data: it is something else.</exception>
    public static ChangesResult OfDocument(string document)
    {
        try
        {
            return JsonSerializer.Deserialize<Printed>(document, DocumentJson.Options)?.Effect ?? throw FoveaException.BadData(Unread);
        }
        catch (JsonException e)
        {
            throw FoveaException.BadData(Unread, e);
        }
    }

    private const string Unread = "What `fovea steer` printed cannot be read.";

    private sealed record Printed(ChangesResult Effect);
}
