namespace Fovea.Checkpoints;

/// <summary>Carries weights from one form to the other: PyTorch to safetensors and back, bit for bit.</summary>
public static class WeightsConversion
{
    /// <summary>
    /// Reads <paramref name="input"/> (either form, by content) and writes <paramref name="output"/> (the form its ending names), whole or
    /// not at all. safetensors get the metadata <c>format: pt</c> that other readers look for; PyTorch files keep no metadata. Tied tensors
    /// are each written in full.
    /// </summary>
    /// <returns>What the written file holds.</returns>
    /// <exception cref="FoveaException">The input cannot be read, the ending is unknown, or the place cannot be written.</exception>
    public static WeightsInspection Convert(string input, string output)
    {
        CheckpointFormat form = CheckpointFormats.FromExtension(output);
        using (StateDict weights = StateDict.Load(input))
        {
            if (form == CheckpointFormat.PyTorch) PyTorchFile.Write(output, weights);
            else Safetensors.Write(output, weights, new Dictionary<string, string>(weights.Metadata) { ["format"] = "pt" });
        }
        return WeightsInspection.Open(output);
    }
}
