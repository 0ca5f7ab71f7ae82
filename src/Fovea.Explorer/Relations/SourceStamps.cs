namespace Fovea.Explorer.Relations;

/// <summary>A source of units as its files are now: another key where one of them was written anew.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Source"><c>neurons</c>, or the dictionary.</param>
/// <param name="Stamp">Of its files.</param>
internal readonly record struct SourceKey(string Layer, string Source, string Stamp);

/// <summary>Stamps of the files that units are compared by: the layer's manifest, the dictionary and its weights, the evidence.</summary>
/// <param name="run">The run.</param>
internal sealed class SourceStamps(IRunReader run)
{
    public SourceKey Of(string layer, string source)
    {
        string dictionary = RunLayout.Dictionary(layer, source);
        string[] files =
        [
            RunLayout.Manifest(layer), $"{RunLayout.Units(layer, source)}/{EvidenceTensors.FileName}",
            .. source == RunLayout.Neurons ? (string[])[] : [$"{dictionary}/{SaeConfiguration.FileName}", $"{dictionary}/{WeightsName}"],
        ];
        return new SourceKey(layer, source, string.Join(' ', files.Select(run.Stamp)));
    }

    private const string WeightsName = Dictionaries.Sparse.AutoencoderFile.WeightsName;
}
