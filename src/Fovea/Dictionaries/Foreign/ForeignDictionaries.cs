using Fovea.Checkpoints;
using Fovea.Dictionaries.SaeLens;
using Fovea.Dictionaries.Sparse;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Foreign;

/// <summary>
/// Dictionaries of SAELens, dictionary_learning, overcomplete and saev, read as data: whose a file is follows from what it holds. Codes are
/// those of the library where it comes from, up to float32 rounding; what its formulas have around the weights is put into the weights
/// (docs/reference/foreign.md).
/// </summary>
public static class ForeignDictionaries
{
    /// <summary>Reads one.</summary>
    /// <param name="path">A folder of SAELens' or of dictionary_learning's, or a file of weights.</param>
    /// <param name="options">What the file leaves out.</param>
    /// <exception cref="FoveaException">
    /// Data: it is missing, damaged, of no form that is known, or does not fit itself. Configuration: it leaves something out that is not
    /// said, or something is said that it does not take. Numerical: a weight is NaN or infinite.
    /// </exception>
    public static ForeignDictionary Import(string path, ForeignOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= ForeignOptions.None;
        if (Directory.Exists(path))
        {
            if (File.Exists(Path.Combine(path, AutoencoderFile.ConfigurationName)))
            {
                RequireUnasked(options, path, "SAELens' cfg.json says all of it");
                List<string> notes = [];
                return new ForeignDictionary(SaeLensFile.Read(path, options.InputScale, notes), "saelens", notes);
            }
            string weights = Path.Combine(path, DictionaryLearningForm.WeightsName);
            return File.Exists(weights) ? FromState(weights, options)
                : throw FoveaException.BadData($"{path} holds no dictionary: neither {AutoencoderFile.ConfigurationName} (SAELens) nor "
                    + $"{DictionaryLearningForm.WeightsName} ({DictionaryLearningForm.Library}). Give the file of weights itself if it "
                        + $"has another name.");
        }
        if (File.Exists(path) && SaevForm.Is(path))
        {
            RequireUnasked(options, path, "saev's first line says all of it");
            return SaevForm.Read(path, options);
        }
        return FromState(path, options);
    }

    private static ForeignDictionary FromState(string path, ForeignOptions options)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        string under = WeightsInspection.Open(path).Chosen;
        using StateDict state = StateDict.Load(path);
        var form = new ForeignForm(state, path);
        if (OvercompleteForm.Is(form)) return Made(OvercompleteForm.Read(form, options), OvercompleteForm.Library);
        if (DictionaryLearningForm.Is(form))
        {
            if (under == "ae" && options.InputScale is null)
                throw FoveaException.BadConfiguration($"{path} is a backup of a training under way, whose activations may be divided by "
                    + $"its norm_factor: "
                    + "say --input-scale X, 1 / norm_factor, or 1 where they are not.");
            string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, DictionaryLearningForm.ConfigurationName);
            return Made(DictionaryLearningForm.Read(form, options, File.Exists(beside) ? beside : null), DictionaryLearningForm.Library);
        }
        throw FoveaException.BadData($"{path} holds {string.Join(", ", state.Keys.Take(8))}: no dictionary of a library that is known "
            + "(SAELens as a folder with cfg.json, dictionary_learning, overcomplete with its own dictionary, saev).");

        ForeignDictionary Made(SparseAutoencoder autoencoder, string library) =>
            new(ForeignForm.Scaled(autoencoder, options.InputScale, path), library, form.Notes);
    }

    private static void RequireUnasked(ForeignOptions options, string path, string why)
    {
        if (options with { InputScale = null } != ForeignOptions.None)
            throw FoveaException.BadConfiguration($"{path}: {why}; leave --architecture, --k, --threshold, --normalization and --delta "
                + "out.");
    }
}
