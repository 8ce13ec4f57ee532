namespace Generators.Tests.Services;

/// <summary>As much of L4 as the generated code names; a call goes straight to a handler and back.</summary>
internal static class SubstrateStub
{
    public const string Source = """
        using System;
        using System.Collections.Generic;
        namespace L4;
        [AttributeUsage(AttributeTargets.Interface)] public sealed class ServiceAttribute : Attribute;
        [AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)] public sealed class MessageTypeAttribute : Attribute;
        public readonly record struct Capability(int Slot);
        public enum ServiceError { UnknownOperation, BadArgument }
        public sealed class ServiceException(ServiceError error, string message) : Exception(message) { public ServiceError Error => error; }
        public interface IGateHandler { void Handle(uint operation, Message message); }
        public sealed class Message
        {
            public const int Size = 4096;
            public readonly Queue<object?> Items = new();
            public void Clear() => Items.Clear();
            public void Write<T>(T value) where T : unmanaged => Items.Enqueue(value);
            public void WriteString(string? text) => Items.Enqueue(text);
            public void WriteArray<T>(ReadOnlySpan<T> values) where T : unmanaged => Items.Enqueue(values.ToArray());
            public void WriteCapability(Capability capability) => Items.Enqueue(capability);
            public T Read<T>() where T : unmanaged => (T)Items.Dequeue()!;
            public string? ReadString() => (string?)Items.Dequeue();
            public T[] ReadArray<T>() where T : unmanaged => (T[])Items.Dequeue()!;
            public Capability ReadCapability() => (Capability)Items.Dequeue()!;
        }
        public sealed class L4Task
        {
            public IGateHandler? Handler;
            public List<string> Calls = new();
            public Message Message { get; } = new();
            public void Call(Capability gate, uint operation, Message message)
            {
                Calls.Add($"{gate.Slot}:{operation}:{message.Items.Count}");
                Handler!.Handle(operation, message);
            }
        }
        """;
}
