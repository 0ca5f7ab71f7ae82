namespace Fovea.Checkpoints.PyTorch;

/// <summary>What a PyTorch file keeps, whatever its form: one object, described by a pickle, and storages of raw numbers by their
/// keys.</summary>
internal interface IPyTorchContent : IDisposable
{
    /// <summary>Pickles of weights are far shorter.</summary>
    public const int LongestPickle = 32 << 20;

    /// <summary>Bytes of the whole file.</summary>
    long Length { get; }

    /// <summary>The object that was saved, as <see cref="PickleMachine"/> describes it.</summary>
    /// <exception cref="FoveaException">The pickle is damaged, too long, or asks for something that is not on the list.</exception>
    object ReadRoot();

    /// <summary>Bytes of a storage.</summary>
    /// <exception cref="FoveaException">There is no such storage.</exception>
    long StorageLength(string key);

    /// <summary>Reads a storage from its start.</summary>
    /// <exception cref="FoveaException">There is no such storage, or it is cut short.</exception>
    void ReadStorage(string key, Action<Stream> read);

    /// <summary>An error about this file.</summary>
    FoveaException Bad(string why);
}
