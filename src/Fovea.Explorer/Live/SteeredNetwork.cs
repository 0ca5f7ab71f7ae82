using System.Security.Cryptography;
using System.Text;
using Fovea.Interventions.Studies;
using Fovea.Models.Edits;
using Fovea.Runs;
using Fovea.Runs.Studies;
using TorchSharp;

namespace Fovea.Explorer.Live;

/// <summary>A run's network under changes that a reader steers by, for pictures to be drawn of it; owns the dictionaries.</summary>
public sealed class SteeredNetwork : IDisposable
{
    private const int NameLetters = 8;

    private readonly RunNetwork _network;

    private SteeredNetwork(RunNetwork network, IReadOnlyList<Intervention> changes, string text, string error)
    {
        _network = network;
        (Edits, Name, Inputs) = (ChangedLayers.Edits(changes), NameOf(text, error), $"changes {text}, error {error}");
    }

    /// <summary>What is changed on the way.</summary>
    public IReadOnlyDictionary<string, Func<torch.Tensor, torch.Tensor>> Edits { get; }

    /// <summary>What tells it from the network under other changes, for names of files.</summary>
    public string Name { get; }

    /// <summary>The changes in words, as a picture's record says what it was made from.</summary>
    public string Inputs { get; private init; }

    /// <summary>Opens it.</summary>
    /// <param name="request">The changes; which images does not matter.</param>
    /// <exception cref="FoveaException">The changes cannot be read or made.</exception>
    public static SteeredNetwork Open(SteerRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        IReadOnlyList<SteerEdit> edits = SteeredAccuracy.Edits(request);
        if (edits.Count == 0) throw FoveaException.BadConfiguration("Nothing is changed: name a change.");
        var reader = new RunFolderReader(request.Run);
        var network = new RunNetwork(new RunFolder(request.Run));
        try
        {
            IReadOnlyList<Intervention> changes = SteeredAccuracy.Changes(request, edits, network, reader);
            // The weights of the dictionaries are part of what a picture is made from.
            string dictionaries = string.Concat(edits.Where(edit => edit.Source != RunLayout.Neurons).Select(edit => (edit.Layer, edit.Source)).Distinct()
                .Select(one => $"; dictionary {network.Fingerprint(one.Layer, one.Source)}"));
            string text = SteerText.Format(edits, "", ""), error = request.KeepsError ? ImageState.Kept : ImageState.Dropped;
            return new SteeredNetwork(network, changes, text, error) { Inputs = $"changes {text}, error {error}{dictionaries}" };
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The name of changes that are written in full.</summary>
    internal static string NameOf(string text, string error) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{text} {error}")))[..NameLetters];

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();
}
